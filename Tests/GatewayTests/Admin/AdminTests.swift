import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Gateway

struct AdminTests {
    @Test("health, readiness and metrics are answered without any service")
    func pages() async throws {
        let waiting = LockedList<String>()
        waiting.append("export")
        let admin = AdminServer(
            address: HostPort(host: "127.0.0.1", port: 0),
            pages: AdminPages(
                metrics: { "requests_total 1\n" }, notReady: { waiting.takeAll() }, unavailableServices: { ["demo"] }),
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let client = try await RawTCPClient(port: admin.start().port!)
        #expect(try await client.ask(request("GET /healthz")).text == #"{"status":"ok"}"#)
        let early = try await client.ask(request("GET /readyz"))
        #expect(early.status == 503)
        #expect(early.text == #"{"status":"not ready","waiting_for":["export"],"unavailable_services":["demo"]}"#)
        #expect(try await client.ask(request("GET /readyz")).status == 200)
        let metrics = try await client.ask(request("GET /metrics"))
        #expect(metrics.text == "requests_total 1\n")
        #expect(metrics.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(try await client.ask(request("HEAD /healthz")).status == 200)
        #expect(try await client.ask(request("POST /healthz", body: "{}")).fields["allow"] == "GET, HEAD")
        #expect(try await client.ask(request("GET /secret")).status == 404)
        #expect(try await client.ask(request("GET /healthz", host: "evil.example")).status == 403)
        await admin.stop()
        #expect(try await client.readToEnd().isEmpty)
    }
}
