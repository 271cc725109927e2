import RPC
import JSONBytes
import JobQueue
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// What tasks may spend, over sockets: a user costs 0.01, a post 0.005.
@Suite(.postgreSQL) struct BudgetTests {
    private static let everything: JSONValue = [
        "username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true,
    ]

    private static func world(_ posts: Int) -> XWorld { XWorld(users: [.init("a", id: 1, posts: posts)]) }

    @Test(arguments: StoreEngine.allCases)
    func anExecutionEndsWhenTheTasksBudgetIsSpentAndGoesOnWithMore(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(500)) { harness in
            let task = try await harness.task(.userTweets, Self.everything, [JSONMember("max_cost", 1.01)])
            #expect(try await harness.run(task).count == 200)
            var state = try await harness.get(task)
            #expect(state["error_message"] == "BUDGET: max_cost is 1.01 USD, and 1.01 are spent")
            #expect(state["status"] == "FAILED" && state["max_cost"] == 1.01 && state["spent"] == 1.01)
            #expect(harness.x.calls == 3)
            // Another start finds nothing left, and asks for nothing.
            #expect(try await harness.run(task).count == 200)
            #expect(harness.x.calls == 3)
            try await harness.change(task, ["max_cost": 2])
            #expect(try await harness.run(task).count == 398)
            state = try await harness.get(task)
            #expect(state["spent"] == 2)
            try await harness.change(task, ["max_cost": nil])
            #expect(try await harness.run(task).count == 500)
            state = try await harness.get(task)
            #expect(state["status"] == "COMPLETED" && state["max_cost"] == nil && state["spent"] == 2.51)
            #expect(try await harness.executions(of: task).map { $0["spent"] } == [0.51, 0.99, nil, 1.01])
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aDaysBudgetIsWaitedForWithoutASlot(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(500)) { configuration in
            configuration.executionsMax = 1
        } _: { harness in
            let task = try await harness.task(.userTweets, Self.everything, [JSONMember("max_cost_per_day", 0.51)])
            try await harness.start(task)
            try await eventually("the task to wait") { try await harness.get(task)["phase"] == "waiting_budget" }
            let state = try await harness.get(task)
            #expect(state["status"] == "RUNNING" && state["spent"] == 0.51)
            #expect(state["phase_until"]?.string?.hasSuffix("T00:00:00Z") == true)
            #expect(try await harness.data(of: task).count == 100)
            #expect(try await harness.run(try await harness.task(.userInfo, ["username": "a"])).count == 1)
            let summary = try await harness.call("scrape.analytics.summary", [:])
            #expect(summary["waiting"]?["waiting_budget"] == 1 && summary["today"]?["waits"] == 1)
        }
    }

    /// Three days of a clock that the test moves.
    @Test func theNextDayHasABudgetOfItsOwn() async throws {
        let clock = ManualClock()
        try await withScraper(world: Self.world(250)) { configuration in
            configuration.clock = JobClock(origin: JobTime(milliseconds: 1_900_000_000_000), following: clock)
        } _: { harness in
            let task = try await harness.task(.userTweets, Self.everything, [JSONMember("max_cost_per_day", 0.51)])
            try await harness.start(task)
            for count in [100, 200] {
                try await eventually("\(count) posts") {
                    guard try await harness.get(task)["phase"] == "waiting_budget" else { return false }
                    return try await harness.data(of: task).count == count
                }
                try await eventually("the queue to sleep") { clock.nextDeadline != nil }
                clock.advance(by: .seconds(86_400))
            }
            try await harness.ended(task)
            #expect(try await harness.data(of: task).count == 250)
            let days = try await harness.call("scrape.analytics.daily", ["from": "2030-03-17", "to": "2030-03-19"])
            #expect(days["items"]?.elements?.map { $0["spent"] } == [0.51, 0.5, 0.25])
            #expect(days["items"]?.elements?.map { $0["items"] } == [100, 100, 50])
            #expect(days["items"]?.elements?.map { $0["day"] } == ["2030-03-17", "2030-03-18", "2030-03-19"])
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func allTasksTogetherHaveADaysBudget(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(200)) { configuration in
            configuration.maxCostPerDay = Cost(1.2)
        } _: { harness in
            let first = try await harness.task(.userTweets, Self.everything)
            #expect(try await harness.run(first).count == 200)
            let second = try await harness.task(.userTweets, Self.everything)
            try await harness.start(second)
            try await eventually("the task to wait") { try await harness.get(second)["phase"] == "waiting_budget" }
            #expect(try await harness.data(of: second).count == 36)
            // What was spent stays spent.
            _ = try await harness.call("scrape.task.delete", ["task_id": .string(first)])
            _ = try await harness.call("scrape.task.stop", ["task_id": .string(second)])
            try await harness.start(second)
            try await eventually("the task to wait") { try await harness.get(second)["phase"] == "waiting_budget" }
            #expect(try await harness.data(of: second).count == 36)
        }
    }

    @Test func aProcessThatEndsForgetsNothingThatWasSpent() async throws {
        let gate = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { call, _ in if call == 3 { await gate.wait() } }
        let x = try await XAPITestServer(world: Self.world(500), behaviour)
        let directory = try TemporaryDirectory()
        var harness = try await ScrapeHarness(in: directory, x: x)
        let task = try await harness.task(.userTweets, Self.everything, [JSONMember("max_cost", 1.01)])
        try await harness.start(task)
        try await eventually("the second page to be asked for") { x.calls == 3 }
        await harness.stop()
        gate.open()
        harness = try await ScrapeHarness(in: directory, x: x)
        let state = try await harness.ended(task)
        #expect(state["spent"] == 1.01 && state["error_message"]?.string?.hasPrefix("BUDGET: ") == true)
        #expect(try await harness.data(of: task).count == 200)
        await harness.stop()
        await x.close()
    }

    @Test(arguments: StoreEngine.allCases)
    func anEstimateSaysWhatIsLeftToPay(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(500)) { harness in
            let task = try await harness.task(.userTweets, ["username": "a", "limit": 250])
            let name: JSONValue = ["task_id": .string(task)]
            let calls = harness.x.calls
            let estimate = try await harness.client.call(ScrapeMethods.estimate, ScrapeTaskName(task))
            #expect(estimate.costMax == 1.26 && estimate.requestsMax == 4 && estimate.itemsMax == 250)
            #expect(estimate.calls.map(\.endpoint) == ["users/by/username", "users/tweets"])
            #expect(estimate.withinBudget && estimate.maxCost == nil && estimate.currency == "USD")
            #expect(harness.x.calls == calls)
            try await harness.change(task, ["max_cost": 1.25])
            #expect(try await harness.call("scrape.task.estimate", name)["within_budget"] == false)
            _ = try await harness.run(task)
            let after = try await harness.call("scrape.task.estimate", name)
            // The budget leaves 248 posts; two are left, and a page has at least five.
            #expect(after["spent"] == 1.25 && after["spent_today"] == 1.25 && after["cost_max"] == 0.025)
            let followers = try await harness.task(.userFollowers, ["username": "a", "limit": 100_000])
            let large = try await harness.call("scrape.task.estimate", ["task_id": .string(followers)])
            #expect(large["cost_max"] == 1_000.01 && large["requests_max"] == 101 && large["seconds_min"] == 0)
            let search = try await harness.task(.keywordSearch, ["query": "x", "limit": 100_000])
            let long = try await harness.call("scrape.task.estimate", ["task_id": .string(search)])
            #expect(long["requests_max"] == 1_000 && long["seconds_min"] == 1_800)
            #expect(try await harness.refusal("scrape.task.estimate", ["task_id": "none"]).message == "Task not found")
        }
    }

    private static let wrong: [(JSONValue, String)] = [
        (.number("0"), "greater_than"), (.number("-1"), "greater_than"), (.number("1e12"), "less_than_equal"),
        ("much", "float_parsing"), ([], "float_type"),
    ]

    @Test(arguments: wrong.indices)
    func aWrongBudgetIsRefused(index: Int) async throws {
        let (value, type) = Self.wrong[index]
        try await withScraper { harness in
            let draft: JSONValue = .object([
                JSONMember("task_name", "t"), JSONMember("task_type", "USER_INFO"),
                JSONMember("parameters", ["username": "a"]), JSONMember("user_id", "u"), JSONMember("max_cost", value),
            ])
            let error = try await harness.refusal("scrape.task.create", draft)
            #expect(error.details.map(\.pathText) == ["max_cost"] && error.details.map(\.type) == [type])
        }
    }
}
