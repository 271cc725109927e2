import Synchronization

/// Who wants to be told about which job.
///
/// In one process states are published in the order of their commits, so a watcher never sees one go backwards. Where
/// processes share the store they are told in the order in which their transactions began: of two that changed a job at
/// the same moment, the older state may come last, though never behind the end.
final class WatcherBoard: Sendable {
    private struct State {
        var nextNumber = 0
        var watchers: [JobID: [Int: Watcher]] = [:]
        var count = 0
    }

    private struct Watcher {
        let continuation: JobEvents.Continuation
        /// What it had seen when it came; nil where it sees everything from then on.
        let seen: TransactionSnapshot?
        /// The last event of the store it was told; nil before the first.
        var told: EventPosition?

        /// Whether it has to be told. What is read from the store may be read again for others.
        mutating func takes(_ position: EventPosition) -> Bool {
            if seen?.hasSeen(position) == true { return false }
            if let told, position <= told { return false }
            told = position
            return true
        }
    }

    /// Events kept for a slow watcher. Progress is cumulative, so the newest ones tell all.
    private static let bufferedMax = 32

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// A stream that tells nothing until it is connected.
    func open() throws -> (JobEvents, JobEvents.Continuation) {
        guard state.withLock({ $0.count < limit }) else { throw JobError.tooManyWatchers(limit: limit) }
        let (stream, continuation) = JobEvents.makeStream(bufferingPolicy: .bufferingNewest(Self.bufferedMax))
        return (stream, continuation)
    }

    /// Connects a stream, beginning with the state its job has now.
    ///
    /// - Parameter snapshot: Where events come from the store: those that are not told again.
    func connect(
        _ continuation: JobEvents.Continuation, to id: JobID, state now: JobState, progress: JobProgress?,
        unseenBy snapshot: TransactionSnapshot? = nil
    ) {
        continuation.yield(.state(now))
        if let progress { continuation.yield(.progress(progress)) }
        if now.isTerminal {
            continuation.finish()
            return
        }
        let number = state.withLock { state in
            state.nextNumber += 1
            state.count += 1
            state.watchers[id, default: [:]][state.nextNumber] = Watcher(continuation: continuation, seen: snapshot)
            return state.nextNumber
        }
        // Also called at once when the watcher has gone already.
        continuation.onTermination = { [weak self] _ in self?.disconnect(number, from: id) }
    }

    /// Watchers at this moment, over all jobs.
    var count: Int { state.withLock { $0.count } }

    /// - Parameter position: Where it stands in the store, if it comes from there.
    func publish(_ event: JobEvent, of id: JobID, at position: EventPosition? = nil) {
        // Told outside the lock: a stream that ends disconnects itself.
        for continuation in continuations(of: id, taking: position) {
            continuation.yield(event)
            if case .state(let state) = event, state.isTerminal { continuation.finish() }
        }
    }

    private func continuations(of id: JobID, taking position: EventPosition?) -> [JobEvents.Continuation] {
        state.withLock { state in
            guard let numbers = state.watchers[id]?.keys else { return [] }
            return numbers.compactMap { number in
                if let position, state.watchers[id]?[number]?.takes(position) == false { return nil }
                return state.watchers[id]?[number]?.continuation
            }
        }
    }

    /// Ends all streams: the process is stopping.
    func finish() {
        let all = state.withLock { $0.watchers.values.flatMap(\.values) }
        for watcher in all { watcher.continuation.finish() }
    }

    private func disconnect(_ number: Int, from id: JobID) {
        state.withLock { state in
            guard state.watchers[id]?.removeValue(forKey: number) != nil else { return }
            state.count -= 1
            if state.watchers[id]?.isEmpty == true { state.watchers[id] = nil }
        }
    }
}
