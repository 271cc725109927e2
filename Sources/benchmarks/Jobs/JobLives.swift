import JobQueue

/// Jobs from submission to recorded outcome, as fast as they go.
enum JobLives {
    /// As many as a commit takes.
    private static let producers = 256
    private static let slots = 256

    static func run(on store: JobStoreUnderTest, count: Int) async throws -> JobRun {
        try await store.withStore { database in
            let handler = CountingHandler(count: count)
            return try await BenchmarkQueue.with(database, slots: slots, handler: handler) { queue in
                let computed = try ProcessTree.ownProcessorTime()
                let time = try await seconds {
                    try await BenchmarkQueue.submit(count, producers: producers, to: queue, on: database)
                    await handler.wait()
                }
                return JobRun(
                    jobs: count, seconds: time, processorTime: try ProcessTree.ownProcessorTime() - computed)
            }
        }
    }
}
