import ExportService
import Foundation
import JSONBytes
import JobQueue
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Callbacks as their receivers and their operators see them.
@Suite struct DeliveryTests {
    private static let secrets = [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2VjcmV0LW9mLXRoZS1uZXdlci1rZXktdGVzdA==",
    ]

    /// Submits an export with a callback; answers once that has been recorded as ended.
    private func delivered(
        to url: String, _ harness: ExportHarness, _ source: HTTPTestServer
    ) async throws -> DeliveryDetail {
        _ = try await harness.submit(source.request(callback: url))
        var found: DeliverySummary?
        try await eventually(within: .seconds(30), "the end of a delivery to \(url)") {
            let list = try await list(harness, ["url": .string(url)])
            found = list.first.flatMap { $0["id"]?.string }.map { id in
                DeliverySummary(
                    id: id, url: url, state: list[0]["state"]?.string ?? "", attempts: 0, createdAt: "", nextAt: nil,
                    endedAt: nil, status: nil, error: nil)
            }
            return found.map { $0.state != "waiting" } ?? false
        }
        return try await harness.client.call(ExportMethods.deliveries.get, DeliveryIDParameters(id: found?.id ?? ""))
    }

    private func list(_ harness: ExportHarness, _ params: JSONValue) async throws -> [JSONValue] {
        try await harness.call(ExportMethods.deliveries.list.name, params)["items"]?.elements ?? []
    }

    @Test func signaturesOfAllKeysAreVerifiedByTheLibraryOfStandardWebhooks() async throws {
        let source = try await PagedSource(total: 3).server()
        let receiver = try await HTTPTestServer { _ in .status(204) }
        try await withExports({ $0.callbackSecrets = Self.secrets }) { harness in
            let detail = try await delivered(to: receiver.url + "/hook", harness, source)
            #expect(detail.delivery.state == "delivered" && detail.delivery.status == 204)
            #expect(detail.log.map(\.status) == [204] && detail.log.map(\.attempt) == [1])
            let told = try #require(receiver.requests.first)
            #expect(detail.body == told.text && told.header("webhook-id") == detail.delivery.id)
            #expect(told.header("webhook-signature")?.split(separator: " ").count == 2)

            let names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
            let headers = Dictionary(uniqueKeysWithValues: names.map { ($0, told.header($0) ?? "") })
            let another = "whsec_YW5vdGhlciBrZXksIG5vdCBvdXJz"
            #expect(
                try await verify(
                    [
                        (Self.secrets[0], headers, told.text), (Self.secrets[1], headers, told.text),
                        (another, headers, told.text), (Self.secrets[0], headers, told.text + " "),
                        (Self.secrets[0], headers.merging(["webhook-id": "msg_2"]) { $1 }, told.text),
                        (Self.secrets[0], headers.merging(["webhook-timestamp": "1600000000"]) { $1 }, told.text),
                    ]) == ["ok", "ok"] + Array(repeating: "WebhookVerificationError", count: 4))
        }
        await source.close()
        await receiver.close()
    }

    @Test(
        "receivers that mean harm cost an attempt and no more",
        arguments: [
            HTTPTestAnswer.endless(), .gzipBomb(decodedBytes: 64 << 20), .drop,
            HTTPTestAnswer(body: .raw(Array("no HTTP at all\r\n\r\n".utf8))),
            HTTPTestAnswer(body: .drip(Array(repeating: [32], count: 1_000), pause: .milliseconds(100))),
            HTTPTestAnswer(status: 500, headers: [("Retry-After", "99999999999999999999")]),
        ])
    func hostileReceivers(answer: HTTPTestAnswer) async throws {
        let source = try await PagedSource(total: 3).server()
        let receiver = try await HTTPTestServer { _ in answer }
        try await withExports({
            $0.jobs.outbox.backoff = [.zero, .milliseconds(1)]
            $0.jobs.outbox.retryAfterMax = .milliseconds(10)
            $0.jobs.outbox.timeout = .seconds(1)
        }) { harness in
            let detail = try await delivered(to: receiver.url + "/hook", harness, source)
            #expect(detail.delivery.state == "failed" && detail.log.count == 2)
            #expect(detail.log.allSatisfy { ($0.error?.isEmpty == false) && $0.durationMilliseconds < 10_000 })
        }
        #expect(receiver.requests.count == 2)
        await source.close()
        await receiver.close()
    }

    @Test func redirectsAreNotFollowedAndDeniedReceiversAreNotAsked() async throws {
        let source = try await PagedSource(total: 3).server()
        let inner = try await HTTPTestServer { _ in .text("metadata") }
        let receiver = try await HTTPTestServer { _ in .redirect(to: inner.url + "/latest", status: 307) }
        try await withExports(allowing: [source.address, receiver.address], { $0.jobs.outbox.backoff = [.zero] }) {
            harness in
            let redirected = try await delivered(to: receiver.url + "/hook", harness, source)
            #expect(redirected.delivery.state == "failed" && redirected.delivery.status == 307)
        }
        try await withExports(allowing: [source.address], { $0.jobs.outbox.backoff = [.zero, .zero] }) { harness in
            let denied = try await delivered(to: inner.url + "/hook", harness, source)
            #expect(denied.delivery.state == "failed" && denied.log.count == 1)
            #expect(denied.delivery.error?.contains("export.allowedSources") == true)
        }
        #expect(inner.requests.isEmpty)
        for server in [source, inner, receiver] { await server.close() }
    }

    @Test func aReplayIsByIdOrByFilterWhichIsEchoed() async throws {
        let source = try await PagedSource(total: 3).server()
        let isDown = Shared(true)
        let receiver = try await HTTPTestServer { _ in isDown.value ? .status(500) : .status(200) }
        try await withExports({ $0.jobs.outbox.backoff = [.zero] }) { harness in
            let failed = try await delivered(to: receiver.url + "/hook", harness, source)
            #expect(failed.delivery.state == "failed")
            isDown.change { $0 = false }
            var params = DeliveryFilterParameters()
            params.url = receiver.url + "/hook"
            let replay = try await harness.client.call(ExportMethods.deliveries.replay, params)
            #expect(replay.replayed == 1 && !replay.more && replay.filter.state == "failed")
            let id = DeliveryIDParameters(id: failed.delivery.id)
            try await eventually("the replay") {
                try await harness.client.call(ExportMethods.deliveries.get, id).delivery.state == "delivered"
            }
            #expect(try await harness.client.call(ExportMethods.deliveries.get, id).log.map(\.status) == [200, 500])
            #expect(try await harness.client.call(ExportMethods.deliveries.replay, params).replayed == 0)
            params = DeliveryFilterParameters()
            params.id = failed.delivery.id
            #expect(try await harness.client.call(ExportMethods.deliveries.replay, params).replayed == 1)
        }
        await source.close()
        await receiver.close()
    }

    @Test(
        "what cannot be meant is refused",
        arguments: [
            (ExportMethods.deliveries.list.name, ["state": "lost"], "INVALID_ARGUMENT"),
            (ExportMethods.deliveries.list.name, ["limit": 0], "INVALID_ARGUMENT"),
            (ExportMethods.deliveries.list.name, ["max_bytes": 1], "INVALID_ARGUMENT"),
            (ExportMethods.deliveries.list.name, ["since": -1], "INVALID_ARGUMENT"),
            ("export.delivery.get", ["id": "msg_none"], "NOT_FOUND"),
            ("export.delivery.replay", ["id": "msg_none"], "NOT_FOUND"),
        ] as [(String, JSONValue, String)])
    func refused(method: String, params: JSONValue, status: String) async throws {
        try await withExports { harness in
            let error = await #expect(throws: RPCError.self) { try await harness.call(method, params) }
            #expect(error?.status?.rawValue == status)
        }
    }

    /// What the library says of each.
    private func verify(_ calls: [(secret: String, headers: [String: String], body: String)]) async throws -> [String] {
        let python = try await pythonWithPackages(["standardwebhooks==1.1.0"])
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/standard_webhooks.py"
        let lines = calls.map { call in
            let headers = call.headers.map { JSONMember($0.key, .string($0.value)) }
            let value: JSONValue = [
                "secret": .string(call.secret), "headers": .object(headers), "body": .string(call.body),
            ]
            return value.bytes + [UInt8(ascii: "\n")]
        }
        let result = try await runSuccessfully(
            python, [script], environment: ["PYTHONUTF8": "1"], input: lines.flatMap { $0 })
        return result.standardOutput.split(separator: "\n").map(String.init)
    }
}
