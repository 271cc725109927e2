package import Database
package import Logging
import ServiceLifecycle

/// Runs the jobs of a service and remembers their outcomes: at-least-once execution, exactly-once recorded outcome.
///
/// Everything a caller changes happens in the caller's own transaction; the queue wakes up after its commit.
package final class JobQueue: Service {
    let engine: JobEngine

    /// - Parameters:
    ///   - deliver: Makes one attempt to deliver a callback.
    ///   - clock: nil takes the store's own where processes share it, else the machine's.
    package init(
        database: any Database, handlers: [any JobHandler], configuration: JobQueueConfiguration = .init(),
        deliver: @escaping OutboxDeliver, clock: JobClock? = nil, logger: Logger
    ) {
        engine = JobEngine(
            database: database, handlers: handlers, configuration: configuration, deliver: deliver,
            clock: clock ?? (database.dialect == .sqlite ? .system : .ofSharedStore()),
            random: { .random(in: 0..<1) }, logger: logger)
    }

    /// Migrates the store and decides over the jobs of a process that died. Call before `run`, and before answering
    /// as ready; a second call does nothing.
    package func start() async throws { try await engine.start() }

    /// Works until graceful shutdown or cancellation, which give running jobs back with their attempt. Throws when
    /// the store fails: the process should end then.
    package func run() async throws { try await engine.run() }

    /// Whether jobs are being run: started, not stopping, and the store healthy.
    package var isReady: Bool { engine.isReady }

    /// Adds a job. Use `write(admission: .newWork)` for the transaction.
    package func submit(_ job: NewJob, in transaction: any Transaction) throws -> JobSubmission {
        try engine.submit(job, in: transaction)
    }

    /// Adds a new job with the parameters of one that has ended; it starts once that one's execution has.
    package func resubmit(_ id: JobID, in transaction: any Transaction) throws -> JobSubmission {
        try engine.submit(JobStore(transaction).resubmission(of: id), in: transaction)
    }

    /// Nobody else changes the job until the end of the transaction.
    package func lock(_ id: JobID, in transaction: any Transaction) throws { _ = try JobStore(transaction).row(of: id) }

    /// A job that waits for its time is due at once; any other stays as it is.
    package func wake(_ id: JobID, in transaction: any Transaction) throws { try engine.wake(id, in: transaction) }

    package func cancel(_ id: JobID, in transaction: any Transaction) throws -> CancelResult {
        try engine.cancel(id, in: transaction)
    }

    package func state(of id: JobID, in transaction: any Transaction) throws -> JobState? {
        try JobStore(transaction).state(of: id)
    }

    package func snapshot(of id: JobID, in transaction: any Transaction) throws -> JobSnapshot? {
        try JobStore(transaction).snapshot(of: id)
    }

    /// The newest progress: of the execution in this process, else what is stored.
    package func progress(of id: JobID, in transaction: any Transaction) throws -> JobProgress? {
        try engine.progress.progress(of: id) ?? JobStore(transaction).progress(of: id)
    }

    /// What happens to a job from now on, beginning with its present state and ended by its terminal one.
    ///
    /// Throws `JobError.unknownJob`.
    package func events(of id: JobID) async throws -> JobEvents { try await engine.events(of: id) }

    /// Adds a callback that is delivered once the transaction is durable.
    package func enqueue(_ message: OutboxMessage, in transaction: any Transaction) throws {
        try engine.outbox.enqueue(message, in: transaction)
    }

    /// Delivers ended callbacks again, under their old ids.
    ///
    /// - Returns: How many, and whether there are more than one call takes.
    package func replay(
        _ filter: DeliveryFilter, in transaction: any Transaction
    ) throws -> (count: Int, more: Bool) {
        try engine.outbox.replay(filter, in: transaction)
    }
}
