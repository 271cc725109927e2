import JSONBytes
import PostgreSQLTesting
import ScrapeService
import StoreTesting
import ServiceContracts
import TestSupport
import Testing

/// What a second start does: goes on at the cursor, or fetches only what is new.
@Suite(.postgreSQL) struct RestartTests {
    private static let everything: JSONValue = [
        "username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true,
    ]

    private static func world(_ posts: Int) -> XWorld { XWorld(users: [.init("a", id: 1, posts: posts)]) }

    @Test(arguments: StoreEngine.allCases)
    func aFailedExecutionIsContinuedBehindItsLastPage(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call == 4 ? XAPITestServer.noCredits : nil }
        try await withScraper(on: engine, world: Self.world(500), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            #expect(try await harness.run(task).count == 200)
            #expect(try await harness.get(task)["error_message"]?.string?.hasPrefix("CREDITS: ") == true)
            #expect(try await harness.run(task).count == 500)
            // The user, two pages, the refusal; three more pages.
            #expect(harness.x.calls == 7)
            let counts = try await harness.executions(of: task).map { $0["result_count"]?.integer }
            #expect(counts == [300, 200])
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func afterACompletedExecutionOnlyNewerPostsAreFetched(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(300)) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            #expect(try await harness.run(task).count == 300)
            harness.x.changeWorld { $0.users[0].posts = 320 }
            #expect(try await harness.run(task).count == 320)
            #expect(harness.x.requests.last?.query["since_id"] == String(XWorld.postID(299, of: 1)))
            #expect(try await harness.run(task).count == 320)
            #expect(try await harness.executions(of: task).map { $0["result_count"]?.integer } == [0, 20, 300])
        }
    }

    private static let badRequest = XAPITestServer.problem(400, "Invalid Request", "'since_id' must be newer")

    /// The API takes no post of more than seven days ago to begin behind, and no cursor that is too old.
    @Test(arguments: [false, true]) func whatTheApiDoesNotTakeAnyMoreIsLeftOut(isCursor: Bool) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in
            switch call {
            case 2 where isCursor: XAPITestServer.noCredits
            case isCursor ? 3 : 2: Self.badRequest
            default: nil
            }
        }
        try await withScraper(behaviour) { harness in
            let task = try await harness.task(.keywordSearch, ["query": "tesla", "limit": isCursor ? 150 : 20])
            _ = try await harness.run(task)
            let count = try await harness.run(task).count
            #expect(count == (isCursor ? 150 : 20))
            #expect(try await harness.get(task)["status"] == "COMPLETED")
            let queries = harness.x.requests.map(\.query)
            let refused = queries[isCursor ? 2 : 1]
            #expect(refused[isCursor ? "next_token" : "since_id"] != nil)
            let next = queries[isCursor ? 3 : 2]
            #expect(next["since_id"] == nil && next["next_token"] == nil)
        }
    }

    @Test func whatTheApiNeverTakesFails() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call > 1 ? Self.badRequest : nil }
        try await withScraper(behaviour) { harness in
            let task = try await harness.task(.keywordSearch, ["query": "tesla", "limit": 20])
            _ = try await harness.run(task)
            _ = try await harness.run(task)
            #expect(try await harness.get(task)["error_message"]?.string?.hasPrefix("REFUSED: ") == true)
            #expect(harness.x.calls == 3)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func anItemOfTheSameCrawlIsNoEnd(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.repeatsItems = true
        behaviour.fault = { call, _ in call == 4 ? XAPITestServer.noCredits : nil }
        try await withScraper(on: engine, world: Self.world(500), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything, [JSONMember("dedup_policy", "stop")])
            #expect(try await harness.run(task).count < 500)
            #expect(try await harness.run(task).count == 500)
        }
    }

    @Test func otherParametersBeginAnew() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call == 3 ? XAPITestServer.noCredits : nil }
        try await withScraper(world: Self.world(300), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            _ = try await harness.run(task)
            let changes: JSONValue = ["parameters": ["username": "a", "limit": 50]]
            _ = try await harness.call("scrape.task.update", ["task_id": .string(task), "changes": changes])
            _ = try await harness.run(task)
            let last = try #require(harness.x.requests.last)
            #expect(last.query["pagination_token"] == nil && last.query["exclude"] == "replies,retweets")
        }
    }

    @Test func aTaskThatIsStoppedKeepsWhatItHasAndGoesOnThere() async throws {
        let gate = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { call, _ in if call == 4 { await gate.wait() } }
        try await withScraper(world: Self.world(500), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            try await harness.start(task)
            try await eventually("the third page to be asked for") { harness.x.calls == 4 }
            let stopped = try await harness.call("scrape.task.stop", ["task_id": .string(task)])
            #expect(stopped["status"] == "STOPPED")
            gate.open()
            #expect(try await harness.data(of: task).count == 200)
            #expect(try await harness.executions(of: task).first?["status"] == "STOPPED")
            // Stopping again changes nothing.
            #expect(try await harness.call("scrape.task.stop", ["task_id": .string(task)]) == stopped)
            #expect(try await harness.run(task).count == 500)
        }
    }

    @Test func policiesDecideOverWhatIsKnown() async throws {
        try await withScraper(world: Self.world(300)) { harness in
            for policy in ["skip", "overwrite", "stop"] {
                let task = try await harness.task(
                    .userFollowing, ["username": "a", "limit": 5], [JSONMember("dedup_policy", .string(policy))])
                #expect(try await harness.run(task).count == 5)
                #expect(try await harness.run(task).count == 5)
                let executions = try await harness.executions(of: task)
                #expect(executions.map { $0["result_count"]?.integer } == [0, 5], "\(policy)")
                let page = try await harness.call("scrape.result.list", ["task_id": .string(task), "limit": 1])
                let brought = page["items"]?[0]?["metadata"]?["execution_id"]
                #expect(brought == executions[policy == "overwrite" ? 0 : 1]["id"])
            }
        }
    }

    @Test func aStoreThatIsOpenedAgainGoesOn() async throws {
        let gate = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { call, _ in if call == 4 { await gate.wait() } }
        let x = try await XAPITestServer(world: Self.world(500), behaviour)
        let directory = try TemporaryDirectory()
        var harness = try await ScrapeHarness(in: directory, x: x)
        let task = try await harness.task(.userTweets, Self.everything)
        try await harness.start(task)
        try await eventually("the third page to be asked for") { x.calls == 4 }
        await harness.stop()
        gate.open()
        harness = try await ScrapeHarness(in: directory, x: x)
        try await harness.ended(task)
        #expect(try await harness.data(of: task).count == 500)
        let executions = try await harness.executions(of: task)
        #expect(executions.count == 1 && executions[0]["result_count"]?.integer == 500)
        // The user, five pages, and the one that was under way.
        #expect(x.calls == 7)
        await harness.stop()
        await x.close()
    }
}
