import JSONBytes
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// More new posts than the limit takes: what one execution leaves, the next ones fetch.
@Suite(.postgreSQL) struct GapTests {
    private static let thirty: JSONValue = [
        "username": "a", "limit": 30, "include_replies": true, "include_retweets": true,
    ]

    private static func world(_ posts: Int) -> XWorld { XWorld(users: [.init("a", id: 1, posts: posts)]) }

    /// Starts the task; answers which posts are new, by their numbers.
    private func new(_ task: String, _ harness: ScrapeHarness) async throws -> Set<Int> {
        let before = Set(try await harness.data(of: task).map { $0["id"]?.string })
        let after = Set(try await harness.run(task).map { $0["id"]?.string })
        #expect(try await harness.get(task)["status"] == "COMPLETED")
        return Set(after.subtracting(before).compactMap { $0.flatMap { Int($0) } }.map { $0 - XWorld.postID(0, of: 1) })
    }

    @Test(arguments: StoreEngine.allCases)
    func whatOneExecutionLeavesTheNextOnesFetch(engine: StoreEngine) async throws {
        try await withScraper(on: engine, world: Self.world(100)) { harness in
            let task = try await harness.task(.userTweets, Self.thirty)
            // Nobody has asked for more than thirty of a first crawl.
            #expect(try await new(task, harness) == Set(70..<100))
            harness.x.changeWorld { $0.users[0].posts = 170 }
            #expect(try await new(task, harness) == Set(140..<170))
            // A second gap before the first one is closed; the newest come first.
            harness.x.changeWorld { $0.users[0].posts = 210 }
            #expect(try await new(task, harness) == Set(180..<210))
            #expect(try await new(task, harness) == Set(170..<180).union(120..<140))
            #expect(try await new(task, harness) == Set(100..<120))
            let calls = harness.x.calls
            #expect(try await new(task, harness).isEmpty)
            #expect(harness.x.calls == calls + 1)
            #expect(harness.x.requests.last?.query["until_id"] == nil)
            // Nothing was asked for twice.
            let counts = try await harness.executions(of: task).map { $0["result_count"]?.integer }
            #expect(counts == [0, 20, 30, 30, 30, 30])
        }
    }

    /// Stopped in a gap, the task goes on in it.
    @Test func aGapOutlivesAStop() async throws {
        let gate = Gate()
        try await withScraper(world: Self.world(10)) { harness in
            var many = Self.thirty.members ?? []
            many[1] = JSONMember("limit", 300)
            let task = try await harness.task(.userTweets, .object(many))
            _ = try await new(task, harness)
            harness.x.changeWorld { $0.users[0].posts = 510 }
            #expect(try await new(task, harness) == Set(210..<510))
            let calls = harness.x.calls
            // What is new, a page of the gap; the second page waits.
            harness.x.change { $0.wait = { call, _ in if call == calls + 3 { await gate.wait() } } }
            try await harness.start(task)
            try await eventually("the second page of the gap") { harness.x.calls == calls + 3 }
            _ = try await harness.call("scrape.task.stop", ["task_id": .string(task)])
            gate.open()
            #expect(try await harness.run(task).count == 510)
        }
    }

    /// The API does not go back that far any more: the gap is given up, and never asked for again.
    @Test func aGapThatIsTooOldIsGivenUp() async throws {
        try await withScraper(world: Self.world(100)) { harness in
            let task = try await harness.task(.userTweets, Self.thirty)
            _ = try await new(task, harness)
            harness.x.changeWorld { $0.users[0].posts = 170 }
            _ = try await new(task, harness)
            let calls = harness.x.calls
            harness.x.change {
                $0.fault = { call, _ in
                    call == calls + 2 ? XAPITestServer.problem(400, "Invalid Request", "'until_id' is too old") : nil
                }
            }
            #expect(try await new(task, harness).isEmpty)
            #expect(harness.x.calls == calls + 2)
            #expect(try await new(task, harness).isEmpty)
            #expect(harness.x.calls == calls + 3)
        }
    }

    @Test func gapsAreWrittenAndReadAndBounded() {
        let gaps = (0..<20).map { CrawlGap(since: "\(100 - 5 * $0)", until: "\(103 - 5 * $0)") }
        #expect(CrawlGap.gaps(CrawlGap.text(gaps)) == gaps)
        #expect(CrawlGap.text([]) == nil && CrawlGap.gaps(nil).isEmpty)
        let bounded = CrawlGap.bounded(gaps)
        #expect(bounded.count == CrawlGap.countMax && bounded.dropLast() == gaps.prefix(CrawlGap.countMax - 1))
        // The last one reaches over all that became part of it.
        #expect(bounded.last == CrawlGap(since: gaps[19].since, until: gaps[CrawlGap.countMax - 1].until))
    }
}
