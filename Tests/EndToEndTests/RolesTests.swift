import JSONBytes
import TestSupport
import Testing

/// Gateway and service as two processes, as on two machines.
struct RolesTests {
    @Test func aGatewayServesAServiceOfAnotherProcess() async throws {
        let directory = try TemporaryDirectory()
        let secret = try directory.write(String(repeating: "s", count: 64), to: "rpc.secret")
        let source = try await HeldSource.start(rows: 50, pageHeld: .max)
        let service = try await PailouProcess.start(
            in: directory.path("service"), ["--role", "export"],
            environment: [
                "PAILOU_RPC_SECRET_FILE": secret, "PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)",
            ])
        #expect(service.endpoints.facades.isEmpty)
        let gateway = try await PailouProcess.start(
            in: directory.path("gateway"), ["--role", "gateway"],
            environment: [
                "PAILOU_RPC_SECRET_FILE": secret,
                "PAILOU_SERVICES_EXPORT": try #require(service.endpoints.rpc["export"]),
            ])
        let client = ExportClient(baseURL: gateway.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url, title: "apart", limit: 10))
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2, "\(detail)")
        // The link leads back through the gateway that took the request: only the secret makes the service believe it.
        let link = try #require(detail["down_url"]?.string)
        #expect(link.hasPrefix(gateway.exportURL))
        #expect(try await HTTP.get(link).status == 200)

        try await service.stop()
        let refused = try await HTTP.get(gateway.exportURL + "/v1/export/detail?key=\(key)")
        #expect(refused.status == 503)
        #expect(refused.header("retry-after") != nil)
        #expect(try refused.json["errcode"]?.integer == 503)
        try await gateway.stop()
        await source.close()
    }
}
