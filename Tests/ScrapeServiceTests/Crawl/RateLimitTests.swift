import Foundation
import JSONBytes
import NIOCore
import RPC
import ScrapeService
import ServiceContracts
import TestSupport
import Testing

/// At a limit tasks wait, without a slot; they never provoke a refusal they can foresee.
@Suite struct RateLimitTests {
    private static let everything: JSONValue = [
        "username": "a", "limit": 1_000, "include_replies": true, "include_retweets": true,
    ]

    @Test func aTaskWaitsForTheNextWindowAndIsNeverRefused() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.rate = (3, 2)
        try await withScraper(world: XWorld(users: [.init("a", id: 1, posts: 500)]), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            try await harness.start(task)
            try await eventually("the task to wait") { try await harness.get(task)["phase"] == "waiting_rate_limit" }
            let waiting = try await harness.get(task)
            #expect(waiting["status"] == "RUNNING" && waiting["phase_until"]?.string?.hasSuffix("Z") == true)
            try await harness.ended(task)
            #expect(try await harness.data(of: task).count == 500)
            #expect(harness.x.calls == 6)
            #expect(try await harness.get(task)["phase"] == nil)
        }
    }

    /// Windows that hold fewer calls than there are executions: at each beginning all of them would call.
    @Test func tasksThatShareASmallWindowProvokeNoRefusal() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.rate = (4, 1)
        try await withScraper(behaviour) { harness in
            var tasks: [String] = []
            for _ in 0..<14 { tasks.append(try await harness.task(.userInfo, ["username": "elonmusk"])) }
            for task in tasks { try await harness.start(task) }
            for task in tasks { #expect(try await harness.ended(task)["status"] == "COMPLETED") }
            #expect(harness.x.calls == 14)
        }
    }

    /// A call that went well in between makes the next refusal the first one.
    @Test func refusalsAreCountedInARow() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in
            [1, 3, 4].contains(call) ? .status(429, headers: [("x-rate-limit-reset", "1700000000")]) : nil
        }
        try await withScraper(behaviour) { harness in
            let task = try await harness.task()
            #expect(try await harness.run(task).count == 250)
            #expect(try await harness.get(task)["status"] == "COMPLETED")
        }
    }

    @Test func whoFollowsATaskIsToldWhatItWaitsFor() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.rate = (1, 2)
        try await withScraper(world: XWorld(users: [.init("a", id: 1, posts: 200)]), behaviour) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            try await harness.start(task)
            let params: JSONValue = ["task_id": .string(task)]
            var wait: JSONValue?
            for try await event in harness.client.events(ScrapeMethods.events.name, ByteBuffer(bytes: params.bytes)) {
                let told = try JSONValue(parsing: event.data.readableBytesView)
                if told["phase"] == "waiting_rate_limit" { wait = told }
            }
            #expect(wait?["phase_until"]?.string?.hasSuffix("Z") == true && wait?["status"] == "RUNNING")
        }
    }

    @Test func aTaskThatWaitsHoldsNoSlot() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, path in
            path.hasSuffix("following") ? .status(429, headers: [("x-rate-limit-reset", "4000000000")]) : nil
        }
        try await withScraper(behaviour) { configuration in
            configuration.executionsMax = 1
        } _: { harness in
            let waiting = try await harness.task(.userFollowing, ["username": "elonmusk"])
            try await harness.start(waiting)
            try await eventually("the task to wait") {
                try await harness.get(waiting)["phase"] == "waiting_rate_limit"
            }
            #expect(try await harness.run(try await harness.task(.userInfo, ["username": "elonmusk"])).count == 1)
            let stopped = try await harness.call("scrape.task.stop", ["task_id": .string(waiting)])
            #expect(stopped["status"] == "STOPPED" && stopped["phase"] == nil)
        }
    }

    @Test(arguments: ["9223372036854775807", "9223372036854775", "-9223372036854775808"])
    func noResetIsWaitedForLongerThanADay(reset: String) async throws {
        let headers = [
            (name: "x-rate-limit-limit", value: "1"), (name: "x-rate-limit-remaining", value: "0"),
            (name: "x-rate-limit-reset", value: reset),
        ]
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call > 1 ? .status(429, headers: headers) : nil }
        try await withScraper(behaviour) { harness in
            let task = try await harness.task()
            try await harness.start(task)
            try await eventually("the task to wait or end") {
                let state = try await harness.get(task)
                return state["phase"] == "waiting_rate_limit" || state["status"] == "FAILED"
            }
            if let until = try await harness.get(task)["phase_until"]?.string {
                let tomorrow = Date().addingTimeInterval(86_460)
                #expect(try Date(until, strategy: .iso8601) <= tomorrow)
            }
        }
    }

    @Test func anApiThatHandsOutCursorsForEverIsLeft() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.emptyPages = Set(0..<1_000)
        try await withScraper(world: XWorld(users: [.init("a", id: 1, posts: 500)]), behaviour) { configuration in
            configuration.requestsMax = 4
        } _: { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            try await harness.start(task)
            let ended = try await harness.ended(task)
            #expect(ended["error_message"] == "REQUESTS_MAX: no end after 4 calls; a start goes on there")
            #expect(harness.x.calls == 4)
        }
    }

    @Test func threeRefusalsInARowAreAFailure() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call > 1 ? .status(429, headers: [("x-rate-limit-reset", "1700000000")]) : nil }
        try await withScraper(behaviour) { harness in
            let task = try await harness.task()
            try await harness.start(task)
            let ended = try await harness.ended(task)
            #expect(ended["error_message"]?.string?.hasPrefix("RATE_LIMIT: ") == true, "\(ended)")
            #expect(harness.x.calls == 4)
        }
    }
}
