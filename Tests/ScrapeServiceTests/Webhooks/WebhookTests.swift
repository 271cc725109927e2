import RPC
import Foundation
import JSONBytes
import JobQueue
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// What receivers are told of tasks, over sockets on both sides.
@Suite(.postgreSQL) struct WebhookTests {
    private static let own = "whsec_" + Data("a secret of the webhook".utf8).base64EncodedString()
    private static let service = "whsec_" + Data("the secret of the service".utf8).base64EncodedString()

    /// The service, and a receiver that it may call.
    private func withReceiver(
        on engine: StoreEngine = .sqlite, _ behaviour: XAPIBehaviour = .init(), status: Int = 204,
        isAllowed: Bool = true,
        _ body: (ScrapeHarness, HTTPTestServer) async throws -> Void
    ) async throws {
        let receiver = try await HTTPTestServer { _ in .status(status) }
        try await withScraper(on: engine, world: XWorld(users: [.init("a", id: 1, posts: 300)]), behaviour) {
            $0.allowedCallbacks = isAllowed ? [receiver.address] : []
            $0.callbackSecrets = [Self.service]
            $0.jobs.outbox.backoff = [.zero, .milliseconds(10)]
        } _: {
            try await body($0, receiver)
        }
        await receiver.close()
    }

    private func add(_ webhook: [JSONMember], to task: String, _ harness: ScrapeHarness) async throws -> JSONValue {
        try await harness.call("scrape.webhook.create", ["task_id": .string(task), "webhook": .object(webhook)])
    }

    private func isSigned(_ request: HTTPTestRequest, with secret: String) -> Bool {
        guard let id = request.header("webhook-id"), let key = WebhookSecret(text: secret),
            let time = request.header("webhook-timestamp").flatMap({ Int64($0) })
        else { return false }
        return request.header("webhook-signature")
            == key.signature(messageID: id, timestamp: time, body: Array(request.body))
    }

    @Test(arguments: StoreEngine.allCases)
    func everyEndIsToldToThoseWhoWantToKnowIt(engine: StoreEngine) async throws {
        try await withReceiver(on: engine) { harness, receiver in
            let task = try await harness.task(.userTweets, ["username": "a", "limit": 20])
            let made = try await add(
                [JSONMember("url", .string(receiver.url + "/all")), JSONMember("secret", .string(Self.own))], to: task,
                harness)
            #expect(made["events"] == ["finished", "failed", "empty", "budget"] && made["has_secret"] == true)
            #expect(!made.description.contains("whsec_"))
            _ = try await add(
                [JSONMember("url", .string(receiver.url + "/failed")), JSONMember("events", ["failed"])], to: task,
                harness)
            func told(_ count: Int) async throws -> JSONValue {
                try await eventually("\(count) callbacks") { receiver.requests.count >= count }
                return try JSONValue(parsing: receiver.requests[count - 1].body)
            }
            _ = try await harness.run(task)
            let finished = try await told(1)
            #expect(finished["event"] == "finished" && finished["task_id"]?.string == task)
            #expect(finished["result_count"] == 20 && finished["status"] == "COMPLETED" && finished["spent"] == 0.11)
            let execution = try await harness.executions(of: task).first
            #expect(finished["execution_id"] == execution?["id"])
            _ = try await harness.run(task)
            #expect(try await told(2)["event"] == "empty")
            harness.x.change { $0.fault = { _, _ in XAPITestServer.noCredits } }
            _ = try await harness.run(task)
            try await eventually("both to be told") { receiver.requests.count >= 4 }
            let failures = receiver.requests.suffix(2).sorted { $0.path < $1.path }
            #expect(failures.map(\.path) == ["/all", "/failed"])
            for request in failures {
                let body = try JSONValue(parsing: request.body)
                #expect(body["event"] == "failed" && body["error_message"]?.string?.hasPrefix("CREDITS: ") == true)
            }
            #expect(isSigned(failures[0], with: Self.own) && isSigned(failures[1], with: Self.service))
            #expect(!isSigned(failures[0], with: Self.service))
            // A stop is told to nobody.
            harness.x.change { $0.wait = { _, _ in try? await Task.sleep(for: .seconds(60)) } }
            try await harness.start(task)
            _ = try await harness.call("scrape.task.stop", ["task_id": .string(task)])
            let name: JSONValue = ["task_id": .string(task), "webhook_id": made["id"] ?? .null]
            let deliveries = try await harness.call("scrape.webhook.deliveries", name)
            #expect(deliveries["items"]?.elements?.count == 3 && deliveries["more"] == false)
            try await eventually("the log to say so") {
                try await harness.call("scrape.webhook.deliveries", name)["items"]?.elements?
                    .allSatisfy { $0["state"] == "delivered" && $0["status"] == 204 } == true
            }
            let all = try await harness.client.call(ScrapeMethods.deliveries.list, DeliveryFilterParameters())
            #expect(all.items.count == 4)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aBudgetIsToldOnceWhereItEndsAndWhereItIsWaitedFor(engine: StoreEngine) async throws {
        try await withReceiver(on: engine) { harness, receiver in
            for (member, status) in [("max_cost", "FAILED"), ("max_cost_per_day", "RUNNING")] {
                let task = try await harness.task(
                    .userTweets, ["username": "a", "limit": 50], [JSONMember(member, 0.1)])
                _ = try await add([JSONMember("url", .string("\(receiver.url)/\(member)"))], to: task, harness)
                try await harness.start(task)
                try await eventually("the callback of \(member)") {
                    receiver.requests.contains { $0.path == "/\(member)" }
                }
                let request = try #require(receiver.requests.first { $0.path == "/\(member)" })
                let body = try JSONValue(parsing: request.body)
                #expect(body["event"] == "budget" && body["status"]?.string == status && body["spent"] == 0.1)
            }
            #expect(receiver.requests.count == 2)
        }
    }

    @Test func aPrivateAddressIsNeverCalled() async throws {
        try await withReceiver(isAllowed: false) { harness, receiver in
            let task = try await harness.task(.userInfo, ["username": "a"])
            let made = try await add([JSONMember("url", .string(receiver.url))], to: task, harness)
            _ = try await harness.run(task)
            let name: JSONValue = ["task_id": .string(task), "webhook_id": made["id"] ?? .null]
            try await eventually("the refusal") {
                try await harness.call("scrape.webhook.deliveries", name)["items"]?[0]?["state"] == "failed"
            }
            let delivery = try await harness.call("scrape.webhook.deliveries", name)["items"]?[0]
            #expect(
                delivery?["error"]?.string?.contains("scrape.allowedCallbacks") == true && delivery?["attempts"] == 1)
            #expect(receiver.requests.isEmpty)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func webhooksAreChangedAndRemovedAndGoWithTheirTask(engine: StoreEngine) async throws {
        try await withReceiver(on: engine, status: 500) { harness, receiver in
            let task = try await harness.task(.userInfo, ["username": "a"])
            let other = try await harness.task(.userInfo, ["username": "a"])
            let made = try await add([JSONMember("url", .string(receiver.url))], to: task, harness)
            let id = made["id"] ?? .null
            let changed = try await harness.call(
                "scrape.webhook.update",
                [
                    "task_id": .string(task), "webhook_id": id,
                    "changes": ["events": ["empty", "finished"], "secret": .string(Self.own)],
                ])
            #expect(changed["events"] == ["finished", "empty"] && changed["url"] == made["url"])
            #expect(changed["has_secret"] == true && changed["updated_at"] != .null)
            let name: JSONValue = ["task_id": .string(task), "webhook_id": id]
            #expect(try await harness.call("scrape.webhook.get", name) == changed)
            #expect(try await harness.call("scrape.webhook.list", ["task_id": .string(task)]) == [changed])
            // Another task's name does not open it.
            let strange: JSONValue = ["task_id": .string(other), "webhook_id": id]
            for method in ["get", "delete", "deliveries"] {
                #expect(try await harness.refusal("scrape.webhook.\(method)", strange).message == "Webhook not found")
            }
            _ = try await harness.run(task)
            try await eventually("the callback") { !receiver.requests.isEmpty }
            _ = try await harness.call("scrape.webhook.delete", name)
            #expect(try await harness.refusal("scrape.webhook.get", name).message == "Webhook not found")
            let all = try await harness.client.call(ScrapeMethods.deliveries.list, DeliveryFilterParameters())
            #expect(all.items.isEmpty)
            for _ in 0..<10 { _ = try await add([JSONMember("url", .string(receiver.url))], to: task, harness) }
            let many = try await harness.refusal(
                "scrape.webhook.create", ["task_id": .string(task), "webhook": ["url": .string(receiver.url)]])
            #expect(many.status == .failedPrecondition && many.reason == "webhooks")
            _ = try await harness.call("scrape.task.delete", ["task_id": .string(task)])
            let gone = try await harness.refusal("scrape.webhook.list", ["task_id": .string(task)])
            #expect(gone.message == "Task not found")
        }
    }

    @Test func anOldKeysSecretsStillSignAfterANewKeyTookOver() async throws {
        let receiver = try await HTTPTestServer { _ in .status(200) }
        let x = try await XAPITestServer(world: XWorld(users: [.init("a", id: 1, posts: 300)]))
        let directory = try TemporaryDirectory()
        let keys = ["the first key, of at least 32 characters", "the second one, of at least 32 characters"]
        var task = ""
        for present in [keys[0], keys[1] + "\n" + keys[0], keys[1]] {
            let harness = try await ScrapeHarness(in: directory, x: x) {
                $0.secretKeys = present
                $0.allowedCallbacks = [receiver.address]
            }
            if task.isEmpty {
                task = try await harness.task(.userInfo, ["username": "a"])
                _ = try await add(
                    [JSONMember("url", .string(receiver.url)), JSONMember("secret", .string(Self.own))], to: task,
                    harness)
            }
            let before = receiver.requests.count
            _ = try await harness.run(task)
            try await eventually("the callback") { receiver.requests.count > before }
            #expect(isSigned(receiver.requests[before], with: Self.own))
            await harness.stop()
            for file in try FileManager.default.contentsOfDirectory(atPath: directory.path)
            where file.hasPrefix("store") {
                let octets = try Data(contentsOf: URL(fileURLWithPath: directory.path(file)))
                #expect(octets.range(of: Data("a secret of the webhook".utf8)) == nil)
                #expect(octets.range(of: Data(Self.own.dropFirst(6).utf8)) == nil)
            }
        }
        await x.close()
        await receiver.close()
    }

    private static let wrong: [(JSONValue, String, String)] = [
        ([:], "webhook.url", "missing"), (["url": "ftp://a"], "webhook.url", "string_pattern_mismatch"),
        (["url": "http://user:secret@host/"], "webhook.url", "string_pattern_mismatch"),
        (["url": "http://"], "webhook.url", "string_pattern_mismatch"),
        (["url": "http://a", "events": []], "webhook.events", "too_short"),
        (["url": "http://a", "events": ["done"]], "webhook.events[0]", "enum"),
        (["url": "http://a", "secret": "no base64!"], "webhook.secret", "string_pattern_mismatch"),
        ("x", "webhook", "model_attributes_type"),
    ]

    @Test(arguments: wrong.indices)
    func aWrongWebhookIsRefusedAndItsSecretNotRepeated(index: Int) async throws {
        let (webhook, place, type) = Self.wrong[index]
        try await withScraper { harness in
            let task = try await harness.task(.userInfo, ["username": "a"])
            let error = try await harness.refusal(
                "scrape.webhook.create", ["task_id": .string(task), "webhook": webhook])
            #expect(error.details.map(\.pathText) == [place] && error.details.map(\.type) == [type], "\(error)")
            #expect(!"\(error)".contains("base64!") && !"\(error)".contains("user:secret"))
        }
    }
}
