import Synchronization

/// Wakes one loop: at once when rung, or at the earliest instant it was set to.
///
/// Rings that come while the loop is busy are remembered as one. Invariant: at most one task waits.
final class Alarm: Sendable {
    private struct State {
        var isRung = false
        var due: JobTime?
        /// Grows with every change the waiting loop has to look at.
        var changes = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let clock: JobClock
    private let state = Mutex(State())

    init(clock: JobClock) { self.clock = clock }

    func ring() { change { $0.isRung = true } }

    /// Wakes the loop at this instant or earlier; nil changes nothing.
    func set(_ time: JobTime?) {
        guard let time else { return }
        change { state in
            if let due = state.due, due <= time { return }
            state.due = time
        }
    }

    /// Returns when rung, when the set instant has come, or when the task is cancelled.
    func wait() async {
        while !Task.isCancelled {
            let (isReady, due, seen) = state.withLock { state -> (Bool, JobTime?, Int) in
                let isDue = state.due.map { $0 <= clock.now() } ?? false
                let isReady = state.isRung || isDue
                state.isRung = false
                if isDue { state.due = nil }
                return (isReady, state.due, state.changes)
            }
            if isReady { return }
            if let due {
                await changeOrSleep(since: seen, until: due)
            } else {
                await change(since: seen)
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            state.changes += 1
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func changeOrSleep(since seen: Int, until due: JobTime) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await self.clock.sleep(due) }
            group.addTask { await self.change(since: seen) }
            await group.next()
            group.cancelAll()
        }
    }

    private func change(since seen: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isLate = state.withLock { state in
                    if state.changes != seen || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isLate { continuation.resume() }
            }
        } onCancel: {
            change { _ in }
        }
    }
}
