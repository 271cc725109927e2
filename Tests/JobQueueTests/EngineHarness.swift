import Database
import DatabaseSQLite
import Logging
import StoreTesting
import TestSupport

@testable import JobQueue

/// A handler whose work is a closure, and which remembers the ends it was told of.
struct ScriptedHandler: JobHandler {
    let kind: String
    let body: @Sendable (RunningJob) async throws -> JobOutcome
    let ends: Shared<[EndedJob]>

    init(kind: String = "work", _ body: @escaping @Sendable (RunningJob) async throws -> JobOutcome) {
        self.kind = kind
        self.body = body
        ends = Shared([])
    }

    func run(_ job: RunningJob) async throws -> JobOutcome { try await body(job) }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        transaction.afterCommit { ends.change { $0.append(job) } }
    }
}

/// A queue on a store of its own and, when that is not shared, a clock that the test moves.
struct EngineHarness {
    let store: StoreHarness
    /// What the queue sees of the store.
    let flaky: FlakyDatabase
    let clock: ManualClock
    let queue: JobQueue
    let handler: ScriptedHandler

    init(
        _ handler: ScriptedHandler, on engine: StoreEngine = .sqlite, configuration: JobQueueConfiguration = .init(),
        deliver: @escaping OutboxDeliver = { _ in .failed(reason: "nobody delivers in this test") }
    ) async throws {
        store = try await StoreHarness(engine)
        flaky = FlakyDatabase(store.database)
        clock = ManualClock()
        self.handler = handler
        queue = JobQueue(
            database: flaky, handlers: [handler], configuration: configuration, deliver: deliver,
            // Processes that share a store go by its clock.
            clock: engine == .sqlite ? JobClock(origin: .zero, following: clock) : nil, logger: Logger(label: "test"))
    }

    var now: JobTime { queue.engine.clock.now() }

    /// Runs the queue beside `body`, and shuts it down afterwards.
    func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            try await withDeadline(.seconds(30), "the body of the test") { try await body() }
            queue.engine.beginShutdown()
            try await withDeadline(.seconds(30), "the end of the queue") { [queue] in
                try await eventually { !queue.isReady }
            }
            try await group.waitForAll()
        }
        await store.database.close()
    }

    func submit(_ job: NewJob = .work()) async throws -> JobID {
        try await store.database.write(admission: .newWork) { try queue.submit(job, in: $0).id }
    }

    func cancel(_ id: JobID) async throws -> CancelResult {
        try await store.database.write { try queue.cancel(id, in: $0) }
    }

    func snapshot(_ id: JobID) async throws -> JobSnapshot? {
        try await store.database.read { try queue.snapshot(of: id, in: $0) }
    }

    /// Returns when the job has come to this state; follows its events.
    func reaches(_ state: JobState, _ id: JobID) async throws {
        for await event in try await queue.events(of: id) {
            if event == .state(state) { return }
        }
        throw StateNotReached(id: id, expected: state, found: try await snapshot(id)?.state)
    }
}

/// A job ended in another state than the test waited for.
struct StateNotReached: Error {
    let id: JobID
    let expected: JobState
    let found: JobState?
}
