import ExportService
import HTTPFetch
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// Names of sources that mean one address when they are asked for and another when it counts. Here 127.0.0.2 stands for
/// the public network, and 127.0.0.1 for what must not be reached.
@Suite struct HostileNameTests {
    private static let outside = ["127.0.0.2/32"]

    /// Two servers on one port: the source outside, which keeps no connection, and what is inside.
    private func servers(rows: Int) async throws -> (outside: HTTPTestServer, inside: HTTPTestServer) {
        let inside = try await HTTPTestServer { _ in .text("secret") }
        let source = PagedSource(total: rows)
        let outside = try await HTTPTestServer(host: "127.0.0.2", port: inside.port) { request in
            var answer = HTTPTestAnswer.json(source.page(Int(request.query["page"] ?? "") ?? 0, limit: 100))
            answer.closes = true
            return answer
        }
        return (outside, inside)
    }

    private func request(_ outside: HTTPTestServer, host: String = "rebind.example") -> JSONValue {
        outside.request(conn: 1, source: ["url": .string("http://\(host):\(outside.port)/rows")])
    }

    // name     127.0.0.2 ··· 127.0.0.1 ···
    // export   page 1        page 2: refused
    @Test func aNameThatTurnsInwardsIsRefusedAtConnect() async throws {
        let (outside, inside) = try await servers(rows: 300)
        let asked = Shared(0)
        try await withExports(
            allowing: Self.outside,
            {
                $0.transport.names = { _ in
                    let count = asked.change { asked in
                        asked += 1
                        return asked
                    }
                    return [count == 1 ? "127.0.0.2" : "127.0.0.1"]
                }
            }
        ) { harness in
            let detail = try await harness.ended(harness.submit(request(outside)))
            #expect(detail.summary.status == .failed)
            #expect(
                detail.summary.failReason.hasPrefix(
                    "page 2: connecting to 127.0.0.1:\(outside.port) (rebind.example) is not allowed"),
                "\(detail.summary.failReason)")
        }
        #expect(outside.requests.count == 1 && asked.value == 2)
        #expect(inside.connectionCount == 0)
        try await eventually("no connection to be left") { outside.openConnectionCount == 0 }
        await outside.close()
        await inside.close()
    }

    @Test func ofSeveralAddressesOnlyThoseOutsideAreUsed() async throws {
        let (outside, inside) = try await servers(rows: 300)
        try await withExports(
            allowing: Self.outside, { $0.transport.names = { _ in ["127.0.0.1", "::1", "127.0.0.2"] } }
        ) { harness in
            let (detail, _) = try await harness.exported(request(outside))
            #expect(detail.rows == 300)
        }
        #expect(outside.connectionCount == 3 && inside.connectionCount == 0)
        await outside.close()
        await inside.close()
    }

    // MARK: Proxies

    /// A proxy that would fetch whatever it is asked for.
    private func proxy() async throws -> HTTPTestServer {
        let source = PagedSource(total: 100)
        return try await HTTPTestServer { request in
            if request.target.contains("/away") { return .redirect(to: "http://inward.example/rows") }
            return .json(source.page(Int(request.query["page"] ?? "") ?? 0, limit: 100))
        }
    }

    private static let names: @Sendable (String) async -> [String] = { host in
        switch host {
        case "inward.example": ["192.0.43.7", "10.1.2.3"]
        case "public.example": ["192.0.43.7"]
        default: []
        }
    }

    @Test(arguments: [
        ("http://inward.example/rows", "10.1.2.3:80 (inward.example)"),
        ("http://169.254.169.254/rows", "169.254.169.254:80"),
        ("http://2130706433:9/rows", "127.0.0.1:9"),
        ("http://public.example/away", "10.1.2.3:80 (inward.example)"),
    ])
    func aProxyIsNoWayInwards(url: String, refused: String) async throws {
        let proxy = try await proxy()
        try await withExports(
            allowing: [],
            {
                $0.proxy = proxy.url
                $0.transport.names = Self.names
            }
        ) { harness in
            let body = proxy.request(source: ["url": .string(url)])
            let detail = try await harness.ended(harness.submit(body))
            #expect(
                detail.summary.failReason.hasPrefix("page 1: connecting to \(refused)"), "\(detail.summary.failReason)")
        }
        #expect(proxy.requests.count == (url.hasSuffix("away") ? 1 : 0))
        await proxy.close()
    }

    @Test(arguments: ["public.example", "unknown-here.example"])
    func namesThatLeadOutwardsOrAreUnknownHereAreTheProxysToResolve(host: String) async throws {
        let proxy = try await proxy()
        try await withExports(
            allowing: [],
            {
                $0.proxy = proxy.url
                $0.transport.names = Self.names
            }
        ) { harness in
            let (detail, _) = try await harness.exported(proxy.request(source: ["url": .string("http://\(host)/rows")]))
            #expect(detail.rows == 100)
        }
        #expect(proxy.requests.map(\.target).allSatisfy { $0.hasPrefix("http://\(host)/rows?") })
        await proxy.close()
    }

    @Test func theSystemsOwnNamesAreJudgedToo() async throws {
        let proxy = try await proxy()
        try await withExports(allowing: [], { $0.proxy = proxy.url }) { harness in
            let detail = try await harness.ended(harness.submit(proxy.request(source: ["url": "http://localhost:9/"])))
            #expect(detail.summary.failReason.contains("(localhost) is not allowed"), "\(detail.summary.failReason)")
        }
        #expect(proxy.requests.isEmpty)
        await proxy.close()
    }

    @Test func aRequestNamesNoProxy() async throws {
        let server = try await PagedSource(total: 100).server()
        let proxy = try await proxy()
        try await withExports { harness in
            let wish: JSONValue = ["proxy": .string(proxy.url)]
            let (detail, _) = try await harness.exported(server.request(source: wish))
            #expect(detail.rows == 100)
            let header: JSONValue = ["header": ["Proxy-Authorization": "x"]]
            let error = await #expect(throws: RPCError.self) {
                try await harness.submit(server.request(title: "h", source: header))
            }
            #expect(error?.details.first?.path == ["source_http", "header", "Proxy-Authorization"])
        }
        #expect(proxy.requests.isEmpty && server.requests.count == 1)
        await server.close()
        await proxy.close()
    }
}
