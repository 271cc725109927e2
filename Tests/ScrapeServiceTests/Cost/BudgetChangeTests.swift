import JSONBytes
import PostgreSQLTesting
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// Tasks that wait for the next day's budget go on as soon as there is more.
@Suite(.postgreSQL) struct BudgetChangeTests {
    private static let everything: JSONValue = [
        "username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true,
    ]
    private static let world = XWorld(users: [.init("a", id: 1, posts: 300)])

    private func waits(_ task: String, _ harness: ScrapeHarness, results: Int) async throws {
        try await eventually("\(results) results, and a wait") {
            guard try await harness.get(task)["phase"] == "waiting_budget" else { return false }
            return try await harness.data(of: task).count == results
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aTaskThatMaySpendMoreGoesOn(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world) { harness in
            let task = try await harness.task(.userTweets, Self.everything, [JSONMember("max_cost_per_day", 0.51)])
            try await harness.start(task)
            try await waits(task, harness, results: 100)
            try await harness.change(task, ["max_cost_per_day": 1.01])
            try await waits(task, harness, results: 200)
            let calls = harness.x.calls
            try await harness.change(task, ["max_cost_per_day": nil])
            let state = try await harness.ended(task)
            #expect(state["status"] == "COMPLETED" && harness.x.calls == calls + 1)
            #expect(try await harness.data(of: task).count == 300)
            let summary = try await harness.call("scrape.analytics.summary", [:])
            #expect(summary["today"]?["waits"] == 2)
        }
    }

    /// The setting is read when a process starts.
    @Test func whatASettingAllowsIsSpent() async throws {
        let x = try await XAPITestServer(world: Self.world)
        let directory = try TemporaryDirectory()
        var harness = try await ScrapeHarness(in: directory, x: x) { $0.maxCostPerDay = Cost(0.51) }
        let task = try await harness.task(.userTweets, Self.everything)
        try await harness.start(task)
        try await waits(task, harness, results: 100)
        await harness.stop()
        harness = try await ScrapeHarness(in: directory, x: x) { $0.maxCostPerDay = Cost(5) }
        let state = try await harness.ended(task)
        #expect(state["status"] == "COMPLETED" && state["spent"] == 1.51)
        await harness.stop()
        await x.close()
    }
}
