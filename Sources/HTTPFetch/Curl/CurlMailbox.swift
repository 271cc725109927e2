import CCurl
import Synchronization

/// The only thing callers and the fetcher's thread share: what is to be started, what is to be cancelled.
final class CurlMailbox: Sendable {
    enum Command: Sendable {
        case start(CurlHop)
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var isClosing = false
        /// nil once the thread has let go of its multi handle. An address, for pointers are not Sendable.
        var multi: UInt?
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    init(multi: UnsafeMutableRawPointer) {
        state = Mutex(State(multi: UInt(bitPattern: multi)))
    }

    func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Leaves a command for the thread and wakes it; false when the fetcher is shut down.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isClosing else { return false }
            state.commands.append(command)
            // Somebody who found the box not empty before us has already woken the thread.
            if state.commands.count == 1 { Self.wake(state.multi) }
            return true
        }
    }

    /// Takes everything that was left; called by the thread.
    func take() -> (commands: [Command], isClosing: Bool) {
        state.withLock { state in
            defer { state.commands = [] }
            return (state.commands, state.isClosing)
        }
    }

    /// Asks the thread to end.
    func close() {
        state.withLock { state in
            state.isClosing = true
            Self.wake(state.multi)
        }
    }

    /// Returns when the thread has ended; ``close()`` must have been called.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.multi != nil { state.waitingForEnd.append(continuation) }
                return state.multi == nil
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Forgets the multi handle, so that nobody wakes it after `release`; called by the thread, once, at its end.
    func end(release: () -> Void) {
        let waiting = state.withLock { state in
            state.multi = nil
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        release()
        for continuation in waiting { continuation.resume() }
    }

    /// The one call the manual (curl_multi_wakeup) allows from any thread. It also holds when the thread does not sleep
    /// yet: its next sleep then ends at once, so no command is overslept. The handle is alive: we hold the lock that
    /// ``end(release:)`` takes before it lets go.
    private static func wake(_ multi: UInt?) {
        guard let multi, let handle = UnsafeMutableRawPointer(bitPattern: multi) else { return }
        curl_multi_wakeup(handle)
    }
}
