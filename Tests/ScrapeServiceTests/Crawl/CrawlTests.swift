import JSONBytes
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// What the six types of tasks bring, on both stores.
@Suite(.postgreSQL) struct CrawlTests {
    @Test(arguments: StoreEngine.allCases)
    func everyTypeBringsItsItems(engine: StoreEngine) async throws {
        let types: [(ScrapeTaskType, JSONValue, Int, String)] = [
            (.userTweets, ["username": "@elonmusk", "limit": 250], 250, "tweet"),
            (.userInfo, ["username": "elonmusk"], 1, "user"),
            (.keywordSearch, ["query": "tesla", "limit": 120, "lang": "zh"], 120, "tweet"),
            (.hashtagSearch, ["hashtag": "＃tesla"], 10, "tweet"),
            (.userFollowers, ["username": "elonmusk", "limit": 2_600], 2_500, "follower"),
            (.userFollowing, ["username": "elonmusk", "limit": 100], 7, "following"),
        ]
        try await withScraper(on: engine) { harness in
            for (type, parameters, count, dataType) in types {
                let task = try await harness.task(type, parameters)
                let data = try await harness.run(task)
                #expect(data.count == count, "\(type)")
                #expect(Set(data.compactMap { $0["id"]?.string }).count == count)
                let state = try await harness.get(task)
                #expect(state["status"] == "COMPLETED" && state["error_message"] == .null, "\(state)")
                let page = try await harness.call("scrape.result.list", ["task_id": .string(task), "limit": 1])
                #expect(page["items"]?[0]?["data_type"]?.string == dataType)
                #expect(page["total"]?.integer == count && page["pages"]?.integer == count)
                let execution = try #require(try await harness.executions(of: task).first)
                #expect(execution["result_count"]?.integer == count && execution["status"] == "COMPLETED")
            }
            let queries = harness.x.requests.compactMap { $0.query["query"] }
            #expect(queries == ["(tesla) lang:zh", "(tesla) lang:zh", "#tesla"])
        }
    }

    @Test func repliesAndRepostsAreLeftOutUnlessWanted() async throws {
        try await withScraper { harness in
            let plain = try await harness.run(
                try await harness.task(.userTweets, ["username": "elonmusk", "limit": 80]))
            #expect(plain.allSatisfy { $0["is_reply"] == false && $0["is_retweet"] == false })
            #expect(plain.contains { $0["is_quote"] == true })
            let all = try await harness.run(
                try await harness.task(
                    .userTweets,
                    ["username": "elonmusk", "limit": 80, "include_replies": true, "include_retweets": true]))
            #expect(all.contains { $0["is_reply"] == true } && all.contains { $0["is_retweet"] == true })
        }
    }

    @Test func aUserWithoutPostsIsNoFailure() async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userTweets, ["username": "quiet"])
            #expect(try await harness.run(task).isEmpty)
            #expect(try await harness.get(task)["status"] == "COMPLETED")
        }
    }

    @Test(arguments: [
        ("nobody", "NOT_FOUND"), ("gone", "SUSPENDED"), ("locked", "PROTECTED"),
    ])
    func aFailureSaysWhy(user: String, reason: String) async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userTweets, ["username": .string(user)])
            _ = try await harness.run(task)
            let state = try await harness.get(task)
            #expect(state["status"] == "FAILED")
            #expect(state["error_message"]?.string?.hasPrefix("\(reason): ") == true, "\(state)")
            let execution = try #require(try await harness.executions(of: task).first)
            #expect(execution["error_message"] == state["error_message"] && execution["result_count"] == 0)
        }
    }

    @Test(arguments: [
        ([JSONMember("account_id", "account-123")], "ACCOUNT_NOT_FOUND"),
        ([JSONMember("proxy_id", "proxy-456")], "PROXY_NOT_FOUND"),
    ])
    func whatIsNotThereIsAcceptedAndFailsTheExecution(others: [JSONMember], reason: String) async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userInfo, ["username": "elonmusk"], others)
            try await harness.start(task)
            let state = try await harness.ended(task)
            #expect(state["error_message"]?.string?.hasPrefix("\(reason): ") == true, "\(state)")
            #expect(harness.x.calls == 0)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func anItemOnTwoPagesIsKeptOnce(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.repeatsItems = true
        behaviour.emptyPages = [1]
        behaviour.shortPages = [2]
        try await withScraper(on: engine, world: XWorld(users: [.init("a", id: 1, posts: 300)]), behaviour) { harness in
            let task = try await harness.task(
                .userTweets,
                ["username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true])
            let data = try await harness.run(task)
            #expect(data.count == 300 && Set(data.compactMap { $0["id"]?.string }).count == 300)
            #expect(try await harness.executions(of: task).first?["result_count"]?.integer == 300)
        }
    }
}
