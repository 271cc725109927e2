import BlockingThreads
import Database
import Synchronization

/// Whether the server answers, as far as the last attempt knows.
final class ServerReach: Sendable {
    private let state = Mutex(DatabaseHealth.ready)

    /// The store has been closed.
    let closed = Occurrence()

    var health: DatabaseHealth { state.withLock { $0 } }

    func reached() { change(to: .ready) }

    func lost(_ reason: String) { change(to: .unreachable(reason: reason)) }

    func close() {
        state.withLock { $0 = .closed }
        closed.occur()
    }

    private func change(to health: DatabaseHealth) {
        state.withLock { state in
            if state != .closed { state = health }
        }
    }
}
