package import Database

/// The work of one kind of job.
package protocol JobHandler: Sendable {
    var kind: String { get }

    /// Does the work. Cancellation of the task asks it to stop: by a cancel, its deadline or shutdown.
    ///
    /// An error that is thrown means `.retry` with its description; a handler that cannot decode its parameters
    /// answers `.failed`.
    func run(_ job: RunningJob) async throws -> JobOutcome

    /// Called once per job in the transaction that ends it, whatever ended it: outcome, cancel, rescue.
    ///
    /// The place for a service's record and its callback, which must exist exactly when the end does.
    func ended(_ job: EndedJob, in transaction: any Transaction) throws

    /// Called in the transaction that starts a failed job again by another one: records point to the new one from then on.
    func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws
}

extension JobHandler {
    package func ended(_ job: EndedJob, in transaction: any Transaction) throws {}
    package func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws {}
}

/// What a handler is given.
package struct RunningJob: Sendable {
    package let id: JobID
    package let fence: JobFence
    /// 1 for the first attempt.
    package let attempt: Int
    /// How often a process died under this job since its last durable progress.
    package let rescues: Int
    package let parameters: [UInt8]
    let services: Services

    /// What a running job can ask of its queue.
    struct Services: Sendable {
        let report: @Sendable (JobProgress, _ isLasting: Bool) -> Void
        let database: any Database
    }

    /// Tells how far the work is. Cheap: kept in memory, written at most every 500 ms.
    ///
    /// - Parameter isLasting: What was done is not done again after a crash, so it counts as progress for the poison
    ///   guard. Work that begins anew says false: else a job that kills its process would run for ever.
    package func progress(_ progress: JobProgress, isLasting: Bool = true) { services.report(progress, isLasting) }

    /// Makes a step of the work durable, unless the job has been taken away meanwhile.
    ///
    /// Counts as progress for the poison guard. Throws `JobError.leaseLost` when this execution has no say any more.
    @discardableResult
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        let (id, fence) = (id, fence)
        return try await services.database.write { transaction in
            try JobStore(transaction).confirmLease(of: id, fence: fence)
            return try body(transaction)
        }
    }
}
