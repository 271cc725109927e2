import Database
import Logging
import PostgreSQLTesting
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

/// What the queue promises on every engine, with one server for all suites inside.
@Suite("on each engine", .postgreSQL)
enum StoreTests {}

/// A store with the queue's tables, and its statements run one at a time at an instant the test chooses.
struct StoreHarness {
    let directory: TemporaryDirectory
    let database: any Database

    init(_ engine: StoreEngine = .sqlite) async throws {
        directory = try TemporaryDirectory()
        database = try await engine.open(in: directory, logger: Logger(label: "test"))
        try await database.migrate(JobSchema.migrations)
    }

    func store<T: Sendable>(_ body: @escaping @Sendable (JobStore) throws -> T) async throws -> T {
        try await database.write { try body(JobStore($0)) }
    }

    @discardableResult
    func submit(_ job: NewJob, at now: JobTime = .zero) async throws -> JobID {
        try await store { try $0.submit(job, now: now).id }
    }

    func claim(
        _ queues: [QueueOptions] = [QueueOptions(name: "default")], kinds: [String] = ["work"], jobsMax: Int = 100,
        at now: JobTime = .zero
    ) async throws -> [ClaimedJob] {
        let request = ClaimRequest(queues: queues, kinds: kinds, jobsMax: jobsMax, rescuesBeforeAlone: 2, now: now)
        return try await store { try $0.claim(request).jobs }
    }

    func finish(_ job: ClaimedJob, _ report: ExecutionReport, at now: JobTime = .zero) async throws -> FinishResult {
        try await store { store in
            try store.finish(Finish(job: job, report: report, now: now, random: 0)) { _, _ in }
        }
    }

    func rescue(rescuesMax: Int = 4, at now: JobTime = .zero) async throws -> RescueReport? {
        try await store { try $0.rescue(rescuesMax: rescuesMax, now: now) { _, _ in } }
    }

    func state(of id: JobID) async throws -> JobState? { try await store { try $0.state(of: id) } }

    func count(_ sql: SQL) async throws -> Int { try await database.read { try $0.value(sql) ?? -1 } }
}

extension JobTime {
    static let zero = JobTime(milliseconds: 1_700_000_000_000)
}

extension NewJob {
    /// A job of the kind most tests use.
    static func work(queue: String = "default", priority: Int = 0, runAt: JobTime? = nil) -> NewJob {
        NewJob(kind: "work", queue: queue, priority: priority, runAt: runAt)
    }
}
