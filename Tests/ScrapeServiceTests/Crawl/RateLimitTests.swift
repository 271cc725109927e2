import Foundation
import JSONBytes
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
