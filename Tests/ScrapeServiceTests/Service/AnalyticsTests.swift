import RPC
import JSONBytes
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// What a dashboard is told.
@Suite(.postgreSQL) struct AnalyticsTests {
    @Test(arguments: StoreEngine.allCases)
    func whatHappenedIsCountedByDayAndReason(engine: StoreEngine) async throws {
        try await withScraper(on: engine) { harness in
            let posts = try await harness.task(.userTweets, ["username": "elonmusk", "limit": 20])
            _ = try await harness.run(posts)
            _ = try await harness.run(posts)
            for user in ["nobody", "nobody", "locked"] {
                _ = try await harness.run(try await harness.task(.userTweets, ["username": .string(user)]))
            }
            _ = try await harness.task(.userInfo, ["username": "quiet"])
            let summary = try await harness.call("scrape.analytics.summary", ["user_id": "user-1"])
            #expect(
                summary["tasks"] == [
                    "total": 5, "PENDING": 1, "RUNNING": 0, "COMPLETED": 1, "FAILED": 3, "STOPPED": 0,
                ])
            let today = summary["today"]
            #expect(today?["started"] == 5 && today?["completed"] == 2 && today?["empty"] == 1)
            #expect(today?["failed"] == 3 && today?["items"] == 20 && today?["requests"] == 4)
            // Two users and 20 posts.
            #expect(today?["spent"] == 0.12 && summary["currency"] == "USD")
            #expect(summary["waiting"] == ["waiting_rate_limit": 0, "waiting_budget": 0])
            let daily = try await harness.call("scrape.analytics.daily", [:])
            #expect(daily["items"]?.elements?.count == 30 && daily["items"]?.elements?.last == today)
            #expect(daily["items"]?[0]?["started"] == 0)
            let failures = try await harness.call("scrape.analytics.failures", ["user_id": "user-1"])
            #expect(failures["total"] == 3)
            #expect(failures["items"] == [["reason": "NOT_FOUND", "count": 2], ["reason": "PROTECTED", "count": 1]])
            let one = try await harness.call("scrape.analytics.failures", ["task_id": .string(posts)])
            #expect(one == ["total": 0, "items": []])
            #expect(try await harness.call("scrape.analytics.failures", ["user_id": "user-2"])["total"] == 0)

            // What deleted tasks did is counted, but nobody's.
            let tasks = try await harness.call("scrape.task.list", [:])["items"]?.elements ?? []
            for task in tasks { _ = try await harness.call("scrape.task.delete", ["task_id": task["id"] ?? .null]) }
            let after = try await harness.call("scrape.analytics.summary", [:])
            #expect(after["tasks"]?["total"] == 0 && after["today"] == today)
            #expect(try await harness.call("scrape.analytics.failures", [:])["items"] == failures["items"])
            #expect(try await harness.call("scrape.analytics.failures", ["user_id": "user-1"])["total"] == 0)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func waitsForTheApiAreCounted(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, _ in .status(429, headers: [("x-rate-limit-reset", "4000000000")]) }
        try await withScraper(on: engine, behaviour) { harness in
            let task = try await harness.task(.userInfo, ["username": "elonmusk"])
            try await harness.start(task)
            try await eventually("the task to wait") {
                try await harness.get(task)["phase"] == "waiting_rate_limit"
            }
            let summary = try await harness.call("scrape.analytics.summary", [:])
            #expect(summary["waiting"]?["waiting_rate_limit"] == 1 && summary["today"]?["waits"] == 1)
            #expect(summary["today"]?["requests"] == 1)
            #expect(summary["today"]?["waited_seconds"]?.double ?? 0 > 80_000)
            _ = try await harness.call("scrape.task.stop", ["task_id": .string(task)])
            let stopped = try await harness.call("scrape.analytics.summary", [:])
            #expect(stopped["waiting"]?["waiting_rate_limit"] == 0 && stopped["today"]?["stopped"] == 1)
        }
    }

    /// The state is shown, and the next start tries it all the same.
    @Test(arguments: StoreEngine.allCases)
    func aCredentialInTroubleIsShownUntilItIsServedAgain(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, _ in XAPITestServer.usageCap }
        try await withScraper(on: engine, behaviour) { harness in
            _ = try await harness.call("scrape.account.create", ["id": "ours", "bearer_token": "secret-token"])
            let account: JSONValue = ["account_id": "ours"]
            for others in [[], [JSONMember("account_id", "ours")]] {
                let task = try await harness.task(.userInfo, ["username": "elonmusk"], others)
                _ = try await harness.run(task)
                let place = others.isEmpty ? JSONValue.null : "ours"
                let summary = try await harness.call("scrape.analytics.summary", [:])
                let shown = summary["credentials_in_trouble"]?.elements?.last
                #expect(shown?["account_id"] == place && shown?["reason"] == "USAGE_CAP", "\(summary)")
            }
            let shown = try await harness.call("scrape.account.get", account)
            #expect(shown["trouble"]?["reason"] == "USAGE_CAP" && shown["trouble"]?["since"]?.string != nil)
            #expect(try await harness.call("scrape.account.list", [:])["items"]?[0] == shown)
            harness.x.change { $0.fault = { _, _ in nil } }
            let task = try await harness.task(
                .userInfo, ["username": "elonmusk"], [JSONMember("account_id", "ours")])
            #expect(try await harness.run(task).count == 1)
            #expect(try await harness.call("scrape.account.get", account)["trouble"] == .null)
            let left = try await harness.call("scrape.analytics.summary", [:])["credentials_in_trouble"]
            #expect(left?.elements?.map { $0["account_id"] } == [.null])
        }
    }

    @Test(arguments: [
        ("from", "yesterday"), ("to", "2026-02-30"), ("from", "2999-01-01"), ("from", "1999-01-01"),
    ])
    func aWrongDayIsRefused(name: String, day: String) async throws {
        try await withScraper { harness in
            let error = try await harness.refusal(
                "scrape.analytics.daily", .object([JSONMember(name, .string(day))]))
            #expect(error.details.map(\.pathText) == [name])
        }
    }
}
