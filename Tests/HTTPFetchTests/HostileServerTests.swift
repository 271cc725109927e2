import HTTPFetch
import TestSupport
import Testing

@Suite("Servers that mean harm or are broken", .timeLimit(.minutes(1)))
struct HostileServerTests {
    /// Fetches what `answer` gives under `limits` and returns the error.
    private func failure(
        of answer: HTTPTestAnswer, limits: HTTPFetchLimits = HTTPFetchLimits(bodyBytesMax: 1 << 20)
    ) async throws -> HTTPFetchError? {
        let server = try await HTTPTestServer { _ in answer }
        let request = HTTPFetchRequest(url: server.url, limits: limits, policy: try policy(for: server))
        let failure = try await withFetcher { fetcher in
            await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
        }
        try await eventually("the end of the connection") { server.openConnectionCount == 0 }
        await server.close()
        return failure
    }

    @Test("a compression bomb stops at the limit of decoded bytes")
    func bomb() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try await failure(of: .gzipBomb(decodedBytes: 100 << 30)) == .bodyTooLarge(limit: 1 << 20))
        #expect(start.duration(to: clock.now) < .seconds(10))
    }

    @Test("a body without an end stops at the limit")
    func endless() async throws {
        #expect(try await failure(of: .endless()) == .bodyTooLarge(limit: 1 << 20))
    }

    @Test("a body that says it is too long is refused before it comes")
    func declared() async throws {
        let answer = HTTPTestAnswer(body: .cut([1, 2, 3], declared: 1 << 40))
        #expect(try await failure(of: answer) == .bodyTooLarge(limit: 1 << 20))
    }

    @Test("a body of exactly the limit passes, in every framing and encoding")
    func exactly() async throws {
        let bytes = [UInt8](repeating: 7, count: 100_000)
        let answers = [
            HTTPTestAnswer(body: .bytes(bytes)), HTTPTestAnswer(body: .chunks([bytes])),
        ]
        for answer in answers {
            let server = try await HTTPTestServer { _ in answer }
            var request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
            try await withFetcher { fetcher in
                request.limits.bodyBytesMax = bytes.count
                let response = try await fetcher.fetch(request)
                #expect(response.body == bytes)
                request.limits.bodyBytesMax = bytes.count - 1
                await #expect(throws: HTTPFetchError.bodyTooLarge(limit: bytes.count - 1)) {
                    try await fetcher.fetch(request)
                }
            }
            await server.close()
        }
    }

    @Test("headers without an end stop at the limit, in one response or in many")
    func headers() async throws {
        let long =
            "HTTP/1.1 200 OK\r\n" + String(repeating: "x: \(String(repeating: "y", count: 1_000))\r\n", count: 99)
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\na: b\r\n\r\n", count: 5_000)
        for text in [long, interim] {
            let answer = HTTPTestAnswer(body: .raw(Array(text.utf8)))
            #expect(try await failure(of: answer) == .headersTooLarge(limit: 64 << 10))
        }
    }

    @Test("a content encoding nobody offered is refused", arguments: ["zstd", "gzip, ZSTD", "compress"])
    func encoding(name: String) async throws {
        let answer = HTTPTestAnswer(headers: [("content-ENCODING", name)], body: .bytes([1, 2, 3]))
        let expected = try #require(name.lowercased().split(separator: " ").last)
        #expect(try await failure(of: answer) == .unsupportedEncoding(String(expected)))
    }

    @Test("a body that drips slower than asked for is given up")
    func slowDrip() async throws {
        var limits = HTTPFetchLimits(timeout: .seconds(30))
        limits.lowSpeedBytesPerSecond = 1_000
        limits.lowSpeedDuration = .seconds(1)
        let drip = HTTPTestAnswer(body: .drip(Array(repeating: [1], count: 1_000), pause: .milliseconds(50)))
        #expect(try await failure(of: drip, limits: limits) == .timedOut(.lowSpeed))
    }

    @Test("a server that never answers is given up after the timeout")
    func noAnswer() async throws {
        let gate = Gate()
        let server = try await HTTPTestServer { _ in
            await gate.wait()
            return .text("late")
        }
        let limits = HTTPFetchLimits(timeout: .milliseconds(200))
        let request = HTTPFetchRequest(url: server.url, limits: limits, policy: try policy(for: server))
        try await withFetcher { fetcher in
            await #expect(throws: HTTPFetchError.timedOut(.whole)) { try await fetcher.fetch(request) }
        }
        await server.close()
    }

    @Test(
        "a transfer that breaks is a transport error, never a short body",
        arguments: [
            (HTTPTestAnswer.drop, 52),
            (HTTPTestAnswer(body: .cut([1, 2, 3], declared: 10)), 18),
            (
                HTTPTestAnswer(body: .raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab".utf8))),
                18
            ),
            (HTTPTestAnswer(body: .raw(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8))), 56),
            (HTTPTestAnswer(body: .raw(Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip".utf8))), 61),
            (HTTPTestAnswer(body: .raw(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8))), 1),
        ])
    func broken(answer: HTTPTestAnswer, code: Int) async throws {
        let failure = try #require(try await failure(of: answer))
        guard case .transport(code, let text) = failure else {
            Issue.record("expected curl \(code), found \(failure)")
            return
        }
        #expect(!text.isEmpty)
        #expect(FetchRetryRules.isRetryable(failure))
    }

    @Test("a port nobody listens on is a transport error")
    func refused() async throws {
        let closed = ClosedPort()
        let policy = try AddressPolicy(parsing: ["127.0.0.1:\(closed.port)"])
        let request = HTTPFetchRequest(url: "http://127.0.0.1:\(closed.port)/", policy: policy)
        try await withFetcher { fetcher in
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
            guard case .transport(7, _) = failure else {
                Issue.record("expected curl 7, found \(String(describing: failure))")
                return
            }
        }
    }

    @Test("a request that fails leaves nothing behind for the next one")
    func afterFailure() async throws {
        let server = try await HTTPTestServer { request in request.path == "/drop" ? .drop : .text("ok") }
        let policy = try policy(for: server)
        try await withFetcher { fetcher in
            for _ in 0..<3 {
                // A name no resolver accepts, a dropped connection, a refused address: three ways to fail.
                for url in ["http://no..name/", server.url + "/drop", "http://127.0.0.1:1/"] {
                    await #expect(throws: HTTPFetchError.self) {
                        try await fetcher.fetch(HTTPFetchRequest(url: url, policy: policy))
                    }
                }
                let response = try await fetcher.fetch(HTTPFetchRequest(url: server.url, policy: policy))
                #expect(response.body == Array("ok".utf8))
            }
        }
        await server.close()
    }
}
