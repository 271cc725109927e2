import RPC
import JSONBytes
import JobQueue
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// Tasks that start by themselves.
@Suite(.postgreSQL) struct ScheduleTests {
    private static let everything: JSONValue = [
        "username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true,
    ]

    private static func world(_ posts: Int) -> XWorld { XWorld(users: [.init("a", id: 1, posts: posts)]) }

    private func put(_ schedule: JSONValue, _ task: String, _ harness: ScrapeHarness) async throws -> JSONValue {
        try await harness.call("scrape.schedule.put", ["task_id": .string(task), "schedule": schedule])
    }

    /// 2030-03-17T17:46:40Z, on a clock that the test moves.
    private static func clock(_ clock: ManualClock) -> JobClock {
        JobClock(origin: JobTime(milliseconds: 1_900_000_000_000), following: clock)
    }

    private func executions(_ count: Int, of task: String, _ harness: ScrapeHarness) async throws {
        try await eventually("\(count) executions") {
            let executions = try await harness.executions(of: task)
            return executions.count == count && executions.allSatisfy { $0["status"] == "COMPLETED" }
        }
    }

    @Test func everyHourWhatIsNewIsFetched() async throws {
        let clock = ManualClock()
        try await withScraper(world: Self.world(100)) {
            $0.clock = Self.clock(clock)
        } _: { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            let schedule = try await put(
                ["cron": "0 * * * *", "time_zone": "Asia/Shanghai", "interval_seconds": .null], task, harness)
            #expect(schedule["next_at"] == "2030-03-17T18:00:00Z" && schedule["time_zone"] == "Asia/Shanghai")
            #expect(try await harness.call("scrape.schedule.get", ["task_id": .string(task)]) == schedule)
            clock.advance(by: .seconds(800))
            try await executions(1, of: task, harness)
            harness.x.changeWorld { $0.users[0].posts = 120 }
            clock.advance(by: .seconds(3_600))
            try await executions(2, of: task, harness)
            #expect(try await harness.executions(of: task).map { $0["result_count"] } == [20, 100])
            #expect(harness.x.requests.last?.query["since_id"] == String(XWorld.postID(99, of: 1)))
            let next = try await harness.call("scrape.schedule.get", ["task_id": .string(task)])["next_at"]
            #expect(next == "2030-03-17T20:00:00Z")
            // Replaced, then removed: nothing starts any more.
            let plain = try await put(["cron": "0 0 * * *", "interval_seconds": .null], task, harness)
            #expect(plain["time_zone"] == "UTC")
            let replaced = try await put(["interval_seconds": 60, "cron": .null, "missed": "skip"], task, harness)
            #expect(replaced["cron"] == .null && replaced["interval_seconds"] == 60 && replaced["missed"] == "skip")
            _ = try await harness.call("scrape.schedule.delete", ["task_id": .string(task)])
            let error = try await harness.refusal("scrape.schedule.get", ["task_id": .string(task)])
            #expect(error.message == "Schedule not found")
            clock.advance(by: .seconds(7_200))
            _ = try await harness.run(try await harness.task(.userInfo, ["username": "a"]))
            #expect(try await harness.executions(of: task).count == 2)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aTaskStartsAtItsIntervalAndNotWhileItRuns(engine: StoreEngine) async throws {
        let gate = Gate()
        var behaviour = XAPIBehaviour()
        behaviour.wait = { call, _ in if call == 1 { await gate.wait() } }
        try await withScraper(on: engine, world: Self.world(30), behaviour) { harness in
            let task = try await harness.task(.userInfo, ["username": "a"])
            _ = try await put(["interval_seconds": 1], task, harness)
            try await eventually("the first start") { harness.x.calls == 1 }
            var filter = JobFilterParameters()
            filter.kind = "scrape.start"
            filter.states = ["succeeded"]
            let starts = JobListParameters(filter: filter)
            try await eventually("two more starts while it runs") {
                try await harness.client.call(ScrapeMethods.jobs.list, starts).items.count >= 3
            }
            #expect(try await harness.executions(of: task).count == 1 && harness.x.calls == 1)
            gate.open()
            try await eventually("another execution") { try await harness.executions(of: task).count >= 2 }
            _ = try await harness.call("scrape.task.delete", ["task_id": .string(task)])
            let error = try await harness.refusal("scrape.schedule.get", ["task_id": .string(task)])
            #expect(error.message == "Task not found")
        }
    }

    /// Five hours without a process: one execution stands for all of them, or none.
    @Test(arguments: [("once", 1), ("skip", 0)])
    func whatWasMissedIsMadeUpForAsTheScheduleSays(missed: String, count: Int) async throws {
        let clock = ManualClock()
        let x = try await XAPITestServer(world: Self.world(30))
        let directory = try TemporaryDirectory()
        let time = Self.clock(clock)
        var harness = try await ScrapeHarness(in: directory, x: x) { $0.clock = time }
        let task = try await harness.task(.userInfo, ["username": "a"])
        _ = try await put(["interval_seconds": 3_600, "missed": .string(missed)], task, harness)
        await harness.stop()
        clock.advance(by: .seconds(5 * 3_600 + 600))
        harness = try await ScrapeHarness(in: directory, x: x) { $0.clock = time }
        try await eventually("the schedule to go on") {
            try await harness.call("scrape.schedule.get", ["task_id": .string(task)])["next_at"]
                == "2030-03-17T23:46:40Z"
        }
        try await executions(count, of: task, harness)
        clock.advance(by: .seconds(3_000))
        try await executions(count + 1, of: task, harness)
        await harness.stop()
        await x.close()
    }

    private static let wrong: [(JSONValue, String)] = [
        ([:], "schedule"), (["cron": "* * * * *", "interval_seconds": 60], "schedule"),
        (["cron": "every day"], "schedule.cron"),
        (["cron": "0 0 * * *", "time_zone": "Mars/Base"], "schedule.time_zone"),
        (["interval_seconds": 0], "schedule.interval_seconds"),
        (["interval_seconds": 60, "missed": "all"], "schedule.missed"),
        ("daily", "schedule"),
    ]

    @Test(arguments: wrong.indices)
    func aWrongScheduleIsRefusedAtItsPlace(index: Int) async throws {
        let (schedule, place) = Self.wrong[index]
        try await withScraper { harness in
            let task = try await harness.task(.userInfo, ["username": "a"])
            let error = try await harness.refusal(
                "scrape.schedule.put", ["task_id": .string(task), "schedule": schedule])
            #expect(error.details.map(\.pathText) == [place], "\(error)")
            let unknown = try await harness.refusal(
                "scrape.schedule.put", ["task_id": "none", "schedule": ["interval_seconds": 60]])
            #expect(unknown.message == "Task not found")
        }
    }
}
