import JSONBytes
import JobQueue
import PostgreSQLTesting
import RPC
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// Executions are kept for as long as somebody needs them, and no longer.
@Suite(.postgreSQL) struct ExecutionRetentionTests {
    /// With a clock that the test moves, and a look at old executions all the time.
    private func withClock(
        on engine: StoreEngine, keptMin: Int, _ behaviour: XAPIBehaviour = .init(),
        _ body: (ScrapeHarness, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let time = JobClock(origin: JobTime(milliseconds: 1_900_000_000_000), following: clock)
        try await withScraper(on: engine, behaviour) {
            $0.clock = time
            $0.executionsKeptMin = keptMin
            $0.executionSweepInterval = .milliseconds(20)
        } _: { harness in
            try await body(harness, clock)
        }
    }

    private func following(_ policy: String, _ harness: ScrapeHarness) async throws -> String {
        try await harness.task(
            .userFollowing, ["username": "elonmusk", "limit": 5], [JSONMember("dedup_policy", .string(policy))])
    }

    /// - Parameter count: Executions that stay.
    private func monthLater(
        _ clock: ManualClock, _ count: Int, of task: String, _ harness: ScrapeHarness
    ) async throws -> [JSONValue] {
        clock.advance(by: .seconds(31 * 86_400))
        try await eventually("old executions to be removed") {
            try await harness.executions(of: task).count == count
        }
        return try await harness.executions(of: task)
    }

    @Test(arguments: StoreEngine.allCases)
    func whatBroughtNothingGoesButForTheLastOnes(engine: StoreEngine) async throws {
        try await withClock(on: engine, keptMin: 2) { harness, clock in
            let task = try await harness.task(.userInfo, ["username": "elonmusk"])
            for _ in 0..<6 { _ = try await harness.run(task) }
            let before = try await harness.executions(of: task)
            #expect(before.map { $0["result_count"] } == [0, 0, 0, 0, 0, 1])
            let kept = try await monthLater(clock, 3, of: task, harness)
            #expect(kept == [before[0], before[1], before[5]])
            let results = try await harness.call("scrape.result.list", ["task_id": .string(task)])
            #expect(results["items"]?[0]?["metadata"]?["execution_id"] == before[5]["id"])
            let gone = try await harness.refusal(
                "scrape.execution.get", ["execution_id": try #require(before[2]["id"])])
            #expect(gone.message.hasSuffix(" not found"))
            // It goes on as before.
            #expect(try await harness.run(task).count == 1)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func theLastCompletedOneStays(engine: StoreEngine) async throws {
        let isBroken = Shared(false)
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, _ in isBroken.value ? XAPITestServer.noCredits : nil }
        try await withClock(on: engine, keptMin: 1, behaviour) { harness, clock in
            let task = try await following("stop", harness)
            for run in 0..<5 {
                isBroken.change { $0 = run >= 2 }
                _ = try await harness.run(task)
            }
            let before = try await harness.executions(of: task)
            #expect(before.map { $0["status"] } == ["FAILED", "FAILED", "FAILED", "COMPLETED", "COMPLETED"])
            #expect(before.map { $0["result_count"] } == [0, 0, 0, 0, 5])
            let kept = try await monthLater(clock, 3, of: task, harness)
            #expect(kept == [before[0], before[3], before[4]])
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func whatOverwroteItemsStaysWhileTheyNameIt(engine: StoreEngine) async throws {
        try await withClock(on: engine, keptMin: 1) { harness, clock in
            let task = try await following("overwrite", harness)
            for _ in 0..<3 { _ = try await harness.run(task) }
            try await harness.change(task, ["dedup_policy": "skip"])
            for _ in 0..<2 { _ = try await harness.run(task) }
            let before = try await harness.executions(of: task)
            let kept = try await monthLater(clock, 3, of: task, harness)
            #expect(kept == [before[0], before[2], before[4]])
            let items = try await harness.call("scrape.result.list", ["task_id": .string(task)])["items"]
            #expect(items?.elements?.count == 5)
            #expect(items?.elements?.allSatisfy { $0["metadata"]?["execution_id"] == before[2]["id"] } == true)
        }
    }

    @Test func aHistoryIsAskedForInParts() async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userInfo, ["username": "elonmusk"])
            for _ in 0..<3 { _ = try await harness.run(task) }
            let all = try await harness.executions(of: task)
            #expect(all.count == 3)
            func part(_ members: [JSONMember]) async throws -> [JSONValue]? {
                let params = JSONValue.object([JSONMember("task_id", .string(task))] + members)
                return try await harness.call("scrape.execution.history", params).elements
            }
            #expect(try await part([JSONMember("skip", 1)]) == Array(all[1...]))
            #expect(try await part([JSONMember("skip", 1), JSONMember("limit", 1)]) == [all[1]])
            #expect(try await part([JSONMember("skip", 3)]) == [])
            // Of few octets: some executions, not all; whoever asks on has them all.
            let few = try #require(try await part([JSONMember("max_bytes", 1_000)]))
            #expect(few == Array(all[..<few.count]) && !few.isEmpty)
            let error = try await harness.refusal(
                "scrape.execution.history", ["task_id": .string(task), "limit": 10_001])
            #expect(error.details.map(\.pathText) == ["limit"])
        }
    }
}
