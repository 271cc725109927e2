import RPC
import JSONBytes
import PostgreSQLTesting
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing
import XAPI

/// Whoever steers a task does not wait for the API, and frees what the task held.
@Suite(.postgreSQL) struct StopTests {
    /// Far below the grace that executions have, and a page's time limit: only a real stop is that quick.
    private static let soon = Duration.seconds(5)

    private func withHangingApi(
        on engine: StoreEngine, _ body: (ScrapeHarness, _ free: @escaping @Sendable () -> Void) async throws -> Void
    ) async throws {
        let gate = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { _, path in if path.hasSuffix("/following") { await gate.wait() } }
        try await withScraper(on: engine, behaviour) {
            $0.executionsMax = 1
        } _: { harness in
            try await body(harness) { gate.open() }
        }
    }

    private func hanging(_ harness: ScrapeHarness) async throws -> String {
        let calls = harness.x.calls
        let task = try await harness.task(.userFollowing, ["username": "elonmusk"])
        try await harness.start(task)
        try await eventually("the page that hangs to be asked for") { harness.x.calls == calls + 2 }
        return task
    }

    @Test(arguments: StoreEngine.allCases, ["stop", "delete"])
    func theSlotIsFreeAtOnceAlthoughTheApiHangs(engine: StoreEngine, verb: String) async throws {
        try await withHangingApi(on: engine) { harness, free in
            let task = try await hanging(harness)
            let next = try await harness.task(.userInfo, ["username": "elonmusk"])
            try await harness.start(next)
            #expect(try await harness.get(next)["status"] == "RUNNING")
            _ = try await harness.call("scrape.task.\(verb)", ["task_id": .string(task)])
            try await harness.ended(next, within: Self.soon)
            #expect(try await harness.data(of: next).count == 1)
            free()
            // What comes late is not kept.
            _ = try await harness.run(try await harness.task(.userInfo, ["username": "elonmusk"]))
            if verb == "stop" {
                #expect(try await harness.data(of: task).isEmpty)
                #expect(try await harness.executions(of: task).map { $0["status"] } == ["STOPPED"])
            } else {
                #expect(try await harness.call("scrape.execution.list", [:])["total"] == 2)
                #expect(try await harness.call("scrape.result.search", ["query": "username:follower"])["total"] == 0)
            }
        }
    }

    /// Between two tries of a page that the API in trouble does not answer.
    @Test func aPauseBetweenTriesEndsAtOnce() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, path in path.hasSuffix("/following") ? XAPITestServer.unavailable : nil }
        try await withScraper(behaviour) {
            $0.executionsMax = 1
            $0.api.delayFirst = .seconds(86_400)
            $0.api.delayMax = .seconds(86_400)
        } _: { harness in
            let task = try await hanging(harness)
            let next = try await harness.task(.userInfo, ["username": "elonmusk"])
            try await harness.start(next)
            _ = try await harness.call("scrape.task.stop", ["task_id": .string(task)])
            try await harness.ended(next, within: Self.soon)
            #expect(try await harness.data(of: next).count == 1)
            #expect(try await harness.executions(of: task).map { $0["status"] } == ["STOPPED"])
        }
    }

    /// PUT while a page is under way: the execution keeps its own snapshot, the next one has the new one.
    @Test(arguments: StoreEngine.allCases)
    func aChangeHoldsFromTheNextExecutionOn(engine: StoreEngine) async throws {
        try await withHangingApi(on: engine) { harness, free in
            let task = try await hanging(harness)
            try await harness.change(task, ["parameters": ["username": "elonmusk", "limit": 2], "task_name": "new"])
            let armed = try await harness.refusal(
                "scrape.task.update", ["task_id": .string(task), "changes": ["status": "PENDING"]])
            #expect(armed.reason == "running")
            free()
            let ended = try await harness.ended(task)
            #expect(ended["task_name"] == "new" && ended["parameters"]?["limit"] == 2)
            #expect(try await harness.data(of: task).count == 7)
            try await harness.change(task, ["status": "PENDING"])
            #expect(try await harness.get(task)["status"] == "PENDING")
            _ = try await harness.run(task)
            #expect(harness.x.requests.last?.query["max_results"] == "2")
        }
    }
}
