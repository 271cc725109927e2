import Database
import JobQueue
import RPC

/// Starts a task when its schedule is due, as `start` does: one that still runs stays as it is.
struct StartJob: JobHandler {
    static let name = "scrape.start"

    let kind: String = StartJob.name
    let queue: QueueReference
    let now: @Sendable () -> Int64

    /// What a schedule submits for a task.
    static func newJob(task: String) -> NewJob {
        NewJob(kind: name, queue: name, parameters: Array(task.utf8), retry: RetryPolicy(attemptsMax: 3))
    }

    func run(_ job: RunningJob) async throws -> JobOutcome {
        guard let queue = queue.queue else { return .retry(reason: "the scraper is starting") }
        let (task, now) = (String(decoding: job.parameters, as: UTF8.self), now())
        try await job.write { transaction in
            do {
                _ = try TaskSteering(transaction: transaction, queue: queue, now: now).start(task)
            } catch let error as RPCError where error.status == .notFound {
                // It was removed meanwhile, and its schedule with it.
            }
        }
        return .succeeded()
    }
}
