import JSONBytes
import PostgreSQLTesting
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// Many tasks at once, and tasks that are pulled at from all sides.
@Suite(.postgreSQL) struct CrowdTests {
    @Test(arguments: StoreEngine.allCases)
    func aThousandTasksAllRunAndNeverMoreThanTheCap(engine: StoreEngine) async throws {
        let atWork = Shared((now: 0, most: 0))
        let full = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { call, _ in
            atWork.change { count in
                count.now += 1
                count.most = max(count.most, count.now)
            }
            // The first call tells that there is no limit. The next ones hold their executions until there are as many as
            // there may be: others would come beside them.
            if (2...9).contains(call) { await full.wait() } else { await Task.yield() }
            atWork.change { $0.now -= 1 }
        }
        try await withScraper(on: engine, behaviour) { configuration in
            configuration.executionsMax = 8
            configuration.connectionsMax = 64
        } _: { harness in
            let draft: JSONValue = [
                "task_name": "t", "task_type": "USER_INFO", "parameters": ["username": "elonmusk"], "user_id": "u",
                "auto_start": true,
            ]
            let batch = JSONValue.array(Array(repeating: draft, count: 100))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask { _ = try await harness.call("scrape.task.createBatch", ["tasks": batch]) }
                }
                group.addTask {
                    try await eventually("as many to run as may") { atWork.value.now >= 8 }
                    full.open()
                }
                try await group.waitForAll()
            }
            try await eventually(within: .seconds(120), "all to be completed") {
                try await harness.call("scrape.task.list", ["status": "COMPLETED", "size": 1])["total"] == 1_000
            }
            #expect(try await harness.call("scrape.execution.list", ["size": 1])["total"] == 1_000)
            #expect(harness.x.calls == 1_000)
            #expect(atWork.value.most <= 8)
            let found = try await harness.call("scrape.result.search", ["query": "username:elonmusk", "limit": 1])
            #expect(found["total"] == 1_000)
        }
    }

    /// Start, stop, PUT and delete from four sides; whatever happens, what is kept is whole.
    @Test(arguments: StoreEngine.allCases, 0..<3)
    func whoeverPullsNothingIsKeptTwiceOrAfterAStop(engine: StoreEngine, round: Int) async throws {
        try await withScraper(on: engine, world: XWorld(users: [.init("a", id: 1, posts: 700)])) { harness in
            let task = try await harness.task(
                .userTweets,
                ["username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true])
            let name: JSONValue = ["task_id": .string(task)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for _ in 0..<20 { try await harness.start(task) } }
                group.addTask {
                    for _ in 0..<20 {
                        let stopped = try await harness.call("scrape.task.stop", name)
                        #expect(stopped["status"] != "RUNNING" && stopped["status"] != "PENDING")
                    }
                }
                group.addTask {
                    for number in 0..<20 {
                        let changes: JSONValue = ["task_name": .string("n\(number)")]
                        _ = try await harness.call(
                            "scrape.task.update", ["task_id": .string(task), "changes": changes])
                    }
                }
                try await group.waitForAll()
            }
            _ = try await harness.call("scrape.task.stop", name)
            let kept = try await harness.data(of: task).count
            let executions = try await harness.executions(of: task)
            #expect(executions.allSatisfy { $0["status"] != "RUNNING" })
            #expect(executions.reduce(0) { $0 + ($1["result_count"]?.integer ?? 0) } == kept)
            let data = try await harness.run(task)
            #expect(data.count == 700 && Set(data.compactMap { $0["id"]?.string }).count == 700)
            try await harness.start(task)
            _ = try await harness.call("scrape.task.delete", name)
            #expect(try await harness.call("scrape.result.search", ["query": "username:a"])["total"] == 0)
        }
    }
}
