import Synchronization

/// Octets counted on several threads.
final class OctetCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ octets: Int) { count.add(octets, ordering: .relaxed) }
}
