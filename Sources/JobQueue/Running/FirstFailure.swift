import Synchronization

/// Ends a loop when one of the tasks it has started fails.
///
/// A group of tasks cancels the others then, and goes on waiting for the loop: all that this starts afterwards would be
/// cancelled from the beginning.
final class FirstFailure: Sendable {
    private let alarm: Alarm
    private let error = Mutex<(any Error)?>(nil)

    /// - Parameter alarm: What the loop waits for.
    init(waking alarm: Alarm) { self.alarm = alarm }

    func watch(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            self.error.withLock { $0 = $0 ?? error }
            alarm.ring()
            throw error
        }
    }

    func check() throws { if let error = error.withLock({ $0 }) { throw error } }
}
