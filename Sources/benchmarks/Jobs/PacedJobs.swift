import Database
import JobQueue
import TestSupport

/// Jobs submitted at a given rate, and how long each waits until it runs.
enum PacedJobs {
    /// Milliseconds from the moment the submission was due to the first line of the handler.
    static func run(on store: JobStoreUnderTest, perSecond: Int, seconds: Int) async throws -> [Double] {
        let count = perSecond * seconds
        return try await store.withStore { database in
            let handler = WaitHandler(count: count)
            return try await BenchmarkQueue.with(database, slots: 64, handler: handler) { queue in
                let clock = ContinuousClock()
                let begin = clock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<count {
                        let due = begin + .seconds(1) * number / perSecond
                        try await clock.sleep(until: due)
                        group.addTask {
                            let parameters = Array("\((due - handler.begin) / .nanoseconds(1))".utf8)
                            try await database.write(admission: .newWork) {
                                let job = NewJob(kind: BenchmarkQueue.kind, parameters: parameters)
                                _ = try queue.submit(job, in: $0)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                return await handler.waits()
            }
        }
    }

    /// Reads from its parameters when a job was due.
    private final class WaitHandler: JobHandler {
        let kind = BenchmarkQueue.kind
        let begin = ContinuousClock.now
        private let count: Int
        private let milliseconds = Shared<[Double]>([])
        private let ended = AsyncStream<Void>.makeStream()

        init(count: Int) { self.count = count }

        func run(_ job: RunningJob) async throws -> JobOutcome {
            let now = (ContinuousClock.now - begin) / .nanoseconds(1)
            guard let due = Double(String(decoding: job.parameters, as: UTF8.self)) else {
                return .failed(reason: "expected a number of nanoseconds")
            }
            milliseconds.change { $0.append((now - due) / 1e6) }
            if milliseconds.value.count == count { ended.continuation.finish() }
            return .succeeded()
        }

        func waits() async -> [Double] {
            for await _ in ended.stream {}
            return milliseconds.value
        }
    }
}
