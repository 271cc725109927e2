import Foundation
import Synchronization

/// A named thread for calls that block, which asynchronous code can wait for.
///
/// The engine's calls wait for the disk; on the shared cooperative threads they would hold up everything else.
final class BlockingThread: Sendable {
    private enum State {
        case running([CheckedContinuation<Void, Never>])
        case ended
    }

    private let state: Mutex<State>

    init(name: String, body: @escaping @Sendable () -> Void) {
        state = Mutex(.running([]))
        let thread = Thread { [self] in
            body()
            end()
        }
        thread.name = name
        // Enough for the engine's deepest statement and the closures of callers.
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Returns when the thread's body has.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isEnded = state.withLock { state in
                guard case .running(let waiters) = state else { return true }
                state = .running(waiters + [continuation])
                return false
            }
            if isEnded { continuation.resume() }
        }
    }

    private func end() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .running(let waiters) = state else { return [] }
            state = .ended
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
