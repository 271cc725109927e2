import Database
import JobQueue
import Logging

/// A job queue with one kind of job, running for as long as the body does.
enum BenchmarkQueue {
    static let kind = "nothing"

    /// - Parameter handler: Does what the jobs do.
    static func with<Result>(
        _ database: any Database, slots: Int, handler: any JobHandler, _ body: (JobQueue) async throws -> Result
    ) async throws -> Result {
        var configuration = JobQueueConfiguration()
        configuration.queues = [QueueOptions(name: "default", concurrencyMax: slots)]
        let queue = JobQueue(
            database: database, handlers: [handler], configuration: configuration,
            deliver: { _ in .refused(reason: "no job of a benchmark has a callback") },
            logger: Logger(label: "benchmarks"))
        try await queue.start()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            defer { group.cancelAll() }
            return try await body(queue)
        }
    }

    /// Adds jobs from many tasks at a time, each of which waits until its job is on the disk.
    static func submit(_ count: Int, producers: Int, to queue: JobQueue, on database: any Database) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<producers {
                group.addTask {
                    for _ in stride(from: producer, to: count, by: producers) {
                        try await database.write(admission: .newWork) {
                            _ = try queue.submit(NewJob(kind: kind), in: $0)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Does nothing and tells when so many have ended.
final class CountingHandler: JobHandler {
    let kind = BenchmarkQueue.kind
    private let count: Int
    private let done = Counter()
    private let ended = AsyncStream<Void>.makeStream()

    init(count: Int) { self.count = count }

    func run(_ job: RunningJob) async throws -> JobOutcome { .succeeded(result: Array("done".utf8)) }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        transaction.afterCommit { [self] in
            if done.increment() == count { ended.continuation.finish() }
        }
    }

    /// Returns when the last end is on the disk.
    func wait() async {
        for await _ in ended.stream {}
    }
}
