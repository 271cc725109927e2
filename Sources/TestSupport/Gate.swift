import Synchronization

/// A door that is closed until the test opens it; everyone waiting in front of it then goes on.
///
/// An answer is delayed "until the test says so" by waiting at a gate inside a server's handler.
package final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var isOpen: Bool {
        state.withLock { $0.isOpen }
    }

    /// How many are waiting in front of the closed gate.
    package var waitingCount: Int {
        state.withLock { $0.waiting.count }
    }

    /// Opens the gate for everyone, now and later.
    package func open() {
        let released = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in released.values { continuation.resume() }
    }

    /// Returns when the gate is open, or when the waiting task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
