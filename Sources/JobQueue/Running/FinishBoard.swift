import Synchronization

/// Gathers the ends of executions while others are being written, so that one transaction writes them all.
///
/// Whoever comes while nobody writes does so, for all that come meanwhile, until none is left: nothing lingers for
/// company, and one alone is written at once.
final class FinishBoard: Sendable {
    /// What became of an end.
    enum Answer: Sendable {
        case written
        /// Something of the batch could not be written, not necessarily this: it is to be tried alone.
        case alone
        case failed(any Error)
    }

    private struct State {
        var waiting: [Entry] = []
        var isWriting = false
    }

    /// Ends written by one transaction, at most.
    private let batchMax: Int
    private let state = Mutex(State())

    init(batchMax: Int) { self.batchMax = batchMax }

    /// Ends that wait for those that are being written.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// - Parameter write: Writes several ends.
    func write(_ finish: Finish, by write: ([Finish]) async -> Answer) async -> Answer {
        let entry = Entry(finish)
        let isFirst = state.withLock { state in
            state.waiting.append(entry)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if isFirst {
            while let batch = next() {
                let answer = await write(batch.map(\.finish))
                for entry in batch { entry.tell(answer) }
            }
        }
        return await entry.answer()
    }

    /// nil when none is left: the next to come writes.
    private func next() -> [Entry]? {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.isWriting = false
                return nil
            }
            let batch = Array(state.waiting.prefix(batchMax))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }
}

/// One end and whoever waits for its answer; told once.
private final class Entry: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<FinishBoard.Answer, Never>)
        case told(FinishBoard.Answer)
    }

    let finish: Finish
    private let state = Mutex(State.open)

    init(_ finish: Finish) { self.finish = finish }

    func tell(_ answer: FinishBoard.Answer) {
        let waiter = state.withLock { state -> CheckedContinuation<FinishBoard.Answer, Never>? in
            defer { state = .told(answer) }
            guard case .awaited(let waiter) = state else { return nil }
            return waiter
        }
        waiter?.resume(returning: answer)
    }

    func answer() async -> FinishBoard.Answer {
        await withCheckedContinuation { continuation in
            let told = state.withLock { state -> FinishBoard.Answer? in
                if case .told(let answer) = state { return answer }
                state = .awaited(continuation)
                return nil
            }
            if let told { continuation.resume(returning: told) }
        }
    }
}
