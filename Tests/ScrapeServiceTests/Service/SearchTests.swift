import JSONBytes
import PostgreSQLTesting
import RPC
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@Suite(.postgreSQL) struct SearchTests {
    private static let queries: [(String, @Sendable (JSONValue) -> Bool)] = [
        ("username:elonmusk,text:tesla", { $0["text"]?.string?.lowercased().contains("tesla") == true }),
        ("data.text:TESLA IS", { $0["text"]?.string?.contains("Tesla is") == true }),
        ("text:未来", { $0["lang"] == "zh" }),
        ("hashtags:tesla", { $0["hashtags"]?.elements?.isEmpty == false }),
        ("is_quote:true", { $0["is_quote"] == true }),
        ("public_metrics.like_count:3456", { $0["public_metrics"]?["like_count"] == 3456 }),
        ("like_count:3456", { $0["public_metrics"]?["like_count"] == 3456 }),
        ("text:next line", { $0["text"]?.string?.contains("next line") == true }),
        ("user.username : ELON , lang : zh", { $0["lang"] == "zh" }),
        ("metadata.task_type:USER_TWEETS,is_quote:true", { $0["is_quote"] == true }),
        ("nothing:here", { _ in false }),
    ]

    @Test(arguments: StoreEngine.allCases)
    func aSearchFindsExactlyWhatHoldsItsPairs(engine: StoreEngine) async throws {
        try await withScraper(on: engine) { harness in
            let task = try await harness.task(
                .userTweets,
                ["username": "elonmusk", "limit": 400, "include_replies": true, "include_retweets": true])
            let data = try await harness.run(task)
            _ = try await harness.run(try await harness.task(.userFollowing, ["username": "elonmusk"]))
            for (query, holds) in Self.queries {
                let page = try await harness.call(
                    "scrape.result.search", ["query": .string(query), "limit": 1_000, "data_type": "Tweet"])
                let found = page["items"]?.elements?.compactMap { $0["data"]?["id"]?.string } ?? []
                #expect(found == data.filter(holds).compactMap { $0["id"]?.string }, "\(query)")
                #expect(page["total"]?.integer == found.count)
            }
            let part = try await harness.call(
                "scrape.result.search", ["query": "username:elonmusk", "skip": 390, "limit": 20, "data_type": "tweet"])
            #expect(part["items"]?.elements?.count == 10 && part["total"] == 400 && part["page"] == 20)
        }
    }

    /// The index is read from the store each time.
    @Test func withoutMemoryForTheIndexTheSameIsFound() async throws {
        try await withScraper {
            $0.indexCacheBytesMax = 0
            $0.unindexedMax = 1
        } _: { harness in
            let task = try await harness.task()
            let data = try await harness.run(task)
            for (query, holds) in Self.queries {
                let page = try await harness.call(
                    "scrape.result.search", ["query": .string(query), "limit": 1_000])
                #expect(page["total"]?.integer == data.filter(holds).count, "\(query)")
            }
        }
    }

    @Test func resultsOfADeletedTaskAreFoundByNobody() async throws {
        try await withScraper { harness in
            let task = try await harness.task()
            #expect(try await harness.run(task).count == 250)
            #expect(try await harness.call("scrape.task.delete", ["task_id": .string(task)]) == [:])
            let page = try await harness.call("scrape.result.search", ["query": "username:elonmusk"])
            #expect(page["total"] == 0)
            for method in ["task.get", "task.start", "task.stop", "task.delete", "result.list", "task.events"] {
                let error = try await harness.refusal("scrape.\(method)", ["task_id": .string(task)])
                #expect(error.status == .notFound && error.message == "Task not found")
            }
            #expect(try await harness.executions(of: task).isEmpty)
        }
    }

    @Test(arguments: ["", "tesla", ":", "a:", ":b", ",,"])
    func aQueryWithoutAPairIsRefused(query: String) async throws {
        try await withScraper { harness in
            let error = try await harness.refusal("scrape.result.search", ["query": .string(query)])
            #expect(error.status == .failedPrecondition)
        }
    }
}
