import JSONBytes
import TestSupport
import Testing

/// What a receiver of callbacks sees of the real program.
struct CallbackTests {
    @Test func aReceiverThatFailsThreeTimesIsToldTheOutcomeInTheEnd() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await FailingReceiver.start(failures: 3)
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "PAILOU_EXPORT_ALLOWED_SOURCES": receiver.address,
                "PAILOU_OUTBOX_BACKOFF": "0s,10ms,10ms,10ms,10ms",
                "PAILOU_OUTBOX_SECRET": "whsec_c2VjcmV0LW9mLXRoZS1lbmQtdG8tZW5kLXRlc3Q=",
            ])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(
            ExportClient.body(
                source: system.exportURL + "/demo/page?total=100", title: "callback", callback: receiver.url))
        try await eventually(within: .seconds(20), "the callback to be taken") { receiver.requests.count >= 4 }
        #expect(receiver.requests.count == 4)

        let taken = try #require(receiver.requests.last)
        let body = try JSONValue(parsing: taken.body)
        #expect(body["log"]?["hash_key"]?.string == key)
        #expect(body["log"]?["status"]?.integer == 2)
        #expect(try #require(body["down_url"]?.string).contains("/v1/down/"))
        // Standard Webhooks: one id for all tries, so that a receiver can tell a repetition.
        #expect(Set(receiver.requests.compactMap { $0.header("webhook-id") }).count == 1)
        #expect(taken.header("webhook-signature")?.hasPrefix("v1,") == true)
        #expect(taken.header("webhook-timestamp") != nil)
        try await system.stop()
        await receiver.close()
    }

    @Test func aCallbackToAPrivateAddressIsNeverMade() async throws {
        let directory = try TemporaryDirectory()
        let receiver = try await FailingReceiver.start(failures: 0)
        // Not on the allow-list: loopback is refused although the export itself succeeds.
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(
            ExportClient.body(
                source: system.exportURL + "/demo/page?total=10", title: "ssrf", callback: receiver.url))
        #expect(try await client.finished(key)["status"]?.integer == 2)
        try await system.stop()
        #expect(receiver.requests.isEmpty)
        await receiver.close()
    }
}

/// Answers 500 a few times, then 200.
private final class FailingReceiver: Sendable {
    private let server: HTTPTestServer

    static func start(failures: Int) async throws -> FailingReceiver {
        let counter = RequestCounter()
        return FailingReceiver(
            server: try await HTTPTestServer { _ in
                .status(await counter.next() <= failures ? 500 : 200)
            })
    }

    private init(server: HTTPTestServer) { self.server = server }

    var url: String { server.url + "/done" }
    var address: String { server.address }
    var requests: [HTTPTestRequest] { server.requests }

    func close() async { await server.close() }
}

private actor RequestCounter {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
