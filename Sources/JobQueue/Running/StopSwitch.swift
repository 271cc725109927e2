import Synchronization

/// Asks one execution to stop. Thrown once; waiting for it ends as well when the waiting task is cancelled.
final class StopSwitch: Sendable {
    private enum State {
        case open(CheckedContinuation<Void, Never>?)
        case thrown
    }

    private let state = Mutex(State.open(nil))

    var isThrown: Bool {
        state.withLock { state in
            if case .thrown = state { true } else { false }
        }
    }

    func `throw`() { resume(marking: true) }

    /// Returns when the switch is thrown or the task cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard case .open = state, !Task.isCancelled else { return true }
                    state = .open(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            resume(marking: false)
        }
    }

    private func resume(marking isThrown: Bool) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .open(let waiter) = state else { return nil }
            state = isThrown ? .thrown : .open(nil)
            return waiter
        }
        waiter?.resume()
    }
}
