import NIOCore
import Synchronization

/// A call under way that others with the same key wait for.
final class Flight: Sendable {
    enum Outcome: Sendable {
        case replied(ByteBuffer)
        case failed(any Error)
        /// Whoever ran it was cancelled: somebody else has to.
        case abandoned
    }

    private struct State {
        var outcome: Outcome?
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Outcome?, Never>] = [:]
    }

    let paramsHash: [UInt8]
    private let state = Mutex(State())

    init(paramsHash: [UInt8]) {
        self.paramsHash = paramsHash
    }

    /// How many wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func end(_ outcome: Outcome) {
        let waiting = state.withLock { state in
            state.outcome = outcome
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: outcome) }
    }

    /// Waits for the end; throws `CancellationError` when the waiting task is cancelled.
    func outcome() async throws -> Outcome {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Outcome?? = state.withLock { state in
                    if let outcome = state.outcome { return .some(outcome) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiting[id] = continuation
                    return .none
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: nil)
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }
}
