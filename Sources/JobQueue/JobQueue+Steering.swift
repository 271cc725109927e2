package import Database

/// What operators do with jobs and queues; decisions are kept in the store and hold for all processes on it.
extension JobQueue {
    /// Jobs that fit a filter, newest first.
    package func jobs(_ filter: JobFilter, limit: Int, in transaction: any Transaction) throws -> JobPage {
        try JobStore(transaction).page(filter, limit: limit)
    }

    /// Starts failed jobs again, oldest first, each once.
    ///
    /// - Parameter limit: Jobs started by this call, at most; with 0 it only counts.
    package func redrive(_ filter: JobFilter, limit: Int, in transaction: any Transaction) throws -> RedriveReport {
        var filter = filter
        filter.states = [.failed]
        let found = try JobStore(transaction).redrivable(filter, limit: limit)
        let redriven = try found.ids.map { old in
            let new = try resubmit(old, in: transaction).id
            try engine.resubmitted(old, as: new, in: transaction)
            return (old: old, new: new)
        }
        return RedriveReport(filter: filter, matched: found.matched, redriven: redriven)
    }

    /// Whether this process works on a queue of that name.
    package func serves(_ queue: String) -> Bool { engine.configuration.queues.contains { $0.name == queue } }

    package func queues(in transaction: any Transaction) throws -> [QueueStatus] {
        try JobStore(transaction).queueStatuses()
    }

    /// Starts nothing more of a queue; what runs goes on. A queue is drained when it is paused and nothing executes.
    package func pause(_ queue: String, in transaction: any Transaction) throws {
        try JobStore(transaction).setPaused(queue, since: engine.clock.now(in: transaction))
    }

    package func resume(_ queue: String, in transaction: any Transaction) throws {
        try JobStore(transaction).setPaused(queue, since: nil)
        engine.ringAfterCommit(queue, in: transaction)
    }

    /// Executions of a queue at the same time, over all processes; nil goes back to their settings.
    package func setCap(_ concurrencyMax: Int?, of queue: String, in transaction: any Transaction) throws {
        try JobStore(transaction).setCap(concurrencyMax.map { max(0, $0) }, of: queue)
        engine.ringAfterCommit(queue, in: transaction)
    }

    /// Submits a job again and again, from the next instant on; replaces the schedule of that name.
    package func schedule(_ schedule: JobSchedule, in transaction: any Transaction) throws {
        try JobStore(transaction).put(schedule, now: engine.clock.now(in: transaction))
        engine.ringAfterCommit(schedule.job.queue, in: transaction)
    }

    /// The schedule of that name, and when it is due.
    package func schedule(
        named name: String, in transaction: any Transaction
    ) throws -> (schedule: JobSchedule, nextAt: JobTime?)? {
        try JobStore(transaction).schedule(name)
    }

    /// - Returns: False when there was none of that name.
    package func unschedule(_ name: String, in transaction: any Transaction) throws -> Bool {
        try JobStore(transaction).removeSchedule(name)
    }
}
