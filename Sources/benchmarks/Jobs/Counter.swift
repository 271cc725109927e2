import Synchronization

/// Counts on several threads.
final class Counter: Sendable {
    private let value = Atomic(0)

    /// - Returns: The count with this one.
    func increment() -> Int { value.add(1, ordering: .relaxed).newValue }
}
