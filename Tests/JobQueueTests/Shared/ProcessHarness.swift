import Database
import DatabasePostgreSQL
import Logging
import PostgreSQLTesting
import TestSupport

@testable import JobQueue

/// A process that works on a store with others: a queue on a connection of its own.
struct ProcessHarness: Sendable {
    let database: FrozenDatabase
    let queue: JobQueue

    /// - Parameter receiver: nil: nobody delivers callbacks.
    init(
        _ address: String, _ handler: ScriptedHandler, receiver: ScriptedReceiver? = nil,
        _ change: (inout JobQueueConfiguration) -> Void = { _ in }
    ) {
        var configuration = JobQueueConfiguration()
        // Nothing is found in time by looking: what happens is said.
        configuration.pollInterval = .seconds(3_600)
        configuration.workers.heartbeatInterval = .seconds(3_600)
        configuration.workers.deadAfter = .seconds(7_200)
        change(&configuration)
        let logger = Logger(label: "test")
        database = FrozenDatabase(
            PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: address), logger: logger))
        queue = JobQueue(
            database: database, handlers: [handler], configuration: configuration,
            deliver: { await receiver?.deliver($0) ?? .failed(reason: "nobody delivers in this test") }, logger: logger)
    }

    func submit(_ job: NewJob = .work()) async throws -> JobID {
        try await database.write { try queue.submit(job, in: $0).id }
    }

    func state(_ id: JobID) async throws -> JobState? {
        try await database.read { try queue.state(of: id, in: $0) }
    }

    /// Runs all of them beside `body`.
    static func running(_ processes: [ProcessHarness], _ body: @escaping @Sendable () async throws -> Void) async throws
    {
        for process in processes { try await process.queue.start() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in processes { group.addTask { try await process.queue.run() } }
            try await withDeadline(.seconds(60), "the body of the test") { try await body() }
            for process in processes { process.queue.engine.beginShutdown() }
            try await withDeadline(.seconds(30), "the end of the queues") {
                try await eventually { processes.allSatisfy { !$0.queue.isReady } }
            }
            try await group.waitForAll()
        }
        for process in processes { await process.database.close() }
    }
}

extension WorkerTimes {
    /// For tests that wait for a death.
    static var short: WorkerTimes {
        var times = WorkerTimes()
        times.deadAfter = .milliseconds(1_500)
        times.heartbeatInterval = .milliseconds(300)
        times.leaderInterval = .milliseconds(200)
        return times
    }
}
