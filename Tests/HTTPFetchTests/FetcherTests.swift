import HTTPFetch
import TestSupport
import Testing

/// A policy that lets the test's own server pass, as an operator's setting would.
func policy(for servers: HTTPTestServer...) throws -> AddressPolicy {
    try AddressPolicy(parsing: servers.map(\.address))
}

/// Runs `body` with a fetcher and shuts it down.
@discardableResult
func withFetcher<Value>(
    _ options: CurlFetcherOptions = CurlFetcherOptions(), _ body: (CurlFetcher) async throws -> Value
) async throws -> Value {
    let fetcher = try CurlFetcher(options: options)
    do {
        let value = try await body(fetcher)
        await fetcher.shutdown()
        return value
    } catch {
        await fetcher.shutdown()
        throw error
    }
}

@Suite("Requests and their responses")
struct FetcherTests {
    @Test("a response comes with status, headers and body")
    func whole() async throws {
        let server = try await HTTPTestServer { _ in
            HTTPTestAnswer(
                status: 404, headers: [("X-One", "1"), ("x-empty", ""), ("X-One", "2")], body: .bytes(Array("no".utf8)))
        }
        let response = try await withFetcher { fetcher in
            try await fetcher.fetch(HTTPFetchRequest(url: server.url + "/a?b=中#frag", policy: try policy(for: server)))
        }
        #expect(response.status == 404)
        #expect(response.header("x-ONE") == "1")
        #expect(response.header("X-Empty") == "")
        #expect(response.headers.filter { $0.name == "X-One" }.map(\.value) == ["1", "2"])
        #expect(response.body == Array("no".utf8))
        #expect(response.remoteAddress == "127.0.0.1")
        #expect(response.effectiveURL == server.url + "/a?b=%e4%b8%ad")
        #expect(response.httpVersion == "1.1")
        #expect(!response.reusedConnection)
        #expect(response.timings.total > .zero)
        #expect(server.requests[0].target == "/a?b=%e4%b8%ad")
        await server.close()
    }

    @Test(
        "methods and bodies arrive as given",
        arguments: [
            ("GET", nil), ("GET", "x"), ("POST", nil), ("POST", ""), ("POST", "a\0b"), ("PUT", "x"), ("PATCH", "x"),
            ("DELETE", nil), ("DELETE", "x"), ("OPTIONS", nil),
        ])
    func methods(method: String, body: String?) async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        let response = try await withFetcher { fetcher in
            try await fetcher.fetch(
                HTTPFetchRequest(
                    method: method, url: server.url, headers: [("X-A", "b"), ("X-None", "")],
                    body: body.map { Array($0.utf8) }, policy: try policy(for: server)))
        }
        #expect(response.body == Array("ok".utf8))
        let request = try #require(server.requests.first)
        #expect(request.method == method)
        #expect(request.text == body ?? "")
        #expect(request.header("x-a") == "b")
        #expect(request.header("x-none") == "")
        #expect(request.header("content-type") == nil)
        #expect(request.header("expect") == nil)
        #expect(request.header("user-agent") == "pailou")
        await server.close()
    }

    @Test("HEAD gives headers and no body")
    func head() async throws {
        let server = try await HTTPTestServer { _ in .text("four") }
        let response = try await withFetcher { fetcher in
            try await fetcher.fetch(HTTPFetchRequest(method: "HEAD", url: server.url, policy: try policy(for: server)))
        }
        #expect(response.header("content-length") == "4")
        #expect(response.body.isEmpty)
        await server.close()
    }

    @Test("requests one after another share a connection")
    func keepAlive() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        try await withFetcher { fetcher in
            for number in 0..<5 {
                let response = try await fetcher.fetch(
                    HTTPFetchRequest(url: server.url, policy: try policy(for: server)))
                #expect(response.reusedConnection == (number > 0))
            }
        }
        #expect(server.connectionCount == 1)
        try await eventually("the end of the connection at shutdown") { server.openConnectionCount == 0 }
        await server.close()
    }

    @Test("a connection the server has closed is replaced without an error")
    func staleConnection() async throws {
        let server = try await HTTPTestServer { _ in
            HTTPTestAnswer(body: .bytes(Array("ok".utf8)), closes: true)
        }
        try await withFetcher { fetcher in
            for _ in 0..<3 {
                let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
                #expect(try await fetcher.fetch(request).status == 200)
            }
        }
        #expect(server.connectionCount == 3)
        await server.close()
    }

    @Test("requests run at once, on no more connections than allowed")
    func concurrency() async throws {
        let gate = Gate()
        let server = try await HTTPTestServer { _ in
            await gate.wait()
            return .text("ok")
        }
        let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
        try await withFetcher(CurlFetcherOptions(connectionsPerHostMax: 4)) { fetcher in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await fetcher.fetch(request).status } }
                try await eventually("four requests at the gate") { gate.waitingCount == 4 }
                gate.open()
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(server.requests.count == 20)
        #expect(server.connectionCount == 4)
        await server.close()
    }

    @Test("compressed bodies are decoded, unless they were not asked for")
    func compression() async throws {
        let text = Array(String(repeating: "pailou", count: 30_000).utf8)
        let server = try await HTTPTestServer { _ in .gzip(text) }
        try await withFetcher { fetcher in
            var request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
            #expect(try await fetcher.fetch(request).body == text)
            #expect(server.requests[0].header("accept-encoding") == "gzip, deflate, br")
            request.acceptsCompression = false
            let raw = try await fetcher.fetch(request)
            #expect(raw.body.prefix(2) == [0x1f, 0x8b])
            #expect(server.requests[1].header("accept-encoding") == nil)
        }
        await server.close()
    }

    @Test("chunked bodies and bodies of a megabyte come whole")
    func large() async throws {
        let piece = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try await HTTPTestServer { request in
            request.path == "/chunks"
                ? HTTPTestAnswer(body: .chunks([piece, [1], piece]))
                : HTTPTestAnswer(body: .bytes(Array(repeating: piece, count: 15).flatMap { $0 }))
        }
        try await withFetcher { fetcher in
            let policy = try policy(for: server)
            let chunks = try await fetcher.fetch(HTTPFetchRequest(url: server.url + "/chunks", policy: policy))
            #expect(chunks.body == piece + [1] + piece)
            let whole = try await fetcher.fetch(HTTPFetchRequest(url: server.url + "/whole", policy: policy))
            #expect(whole.body.count == 15 * piece.count)
        }
        await server.close()
    }
}
