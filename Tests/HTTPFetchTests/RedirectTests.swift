import HTTPFetch
import TestSupport
import Testing

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
    /// A server that sends `/0` to `/1` and so on; `/end` answers.
    private func chain(status: Int = 302) async throws -> HTTPTestServer {
        try await HTTPTestServer { request in
            switch request.path {
            case "/end": return .text("end")
            case "/to-end": return .redirect(to: "end", status: status)
            default: return .redirect(to: "/\((Int(request.path.dropFirst()) ?? 0) + 1)", status: status)
            }
        }
    }

    @Test("none is followed unless asked for")
    func none() async throws {
        let server = try await chain()
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(url: server.url + "/to-end", policy: try policy(for: server))
            #expect(try await fetcher.fetch(request).status == 302)
        }
        #expect(server.requests.count == 1)
        await server.close()
    }

    @Test("a chain ends at its limit", arguments: [1, 3])
    func limit(redirectsMax: Int) async throws {
        let server = try await chain()
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(
                url: server.url + "/0", policy: try policy(for: server), redirectsMax: redirectsMax)
            await #expect(throws: HTTPFetchError.tooManyRedirects(limit: redirectsMax)) {
                try await fetcher.fetch(request)
            }
        }
        #expect(server.requests.count == redirectsMax + 1)
        await server.close()
    }

    @Test(
        "the method and the body follow the status",
        arguments: [
            (301, "POST", "GET", ""), (302, "POST", "GET", ""), (303, "POST", "GET", ""), (303, "PUT", "GET", ""),
            (307, "POST", "POST", "body"), (308, "POST", "POST", "body"), (302, "PUT", "PUT", "body"),
            (303, "HEAD", "HEAD", ""),
        ])
    func method(status: Int, method: String, expected: String, body: String) async throws {
        let server = try await chain(status: status)
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(
                method: method, url: server.url + "/to-end", headers: [("Content-Type", "text/plain"), ("X-Key", "k")],
                body: method == "HEAD" ? nil : Array("body".utf8), policy: try policy(for: server), redirectsMax: 1)
            let response = try await fetcher.fetch(request)
            #expect(response.effectiveURL == server.url + "/end")
        }
        let last = try #require(server.requests.last)
        #expect(last.method == expected)
        #expect(last.text == body)
        #expect((last.header("content-type") != nil) == (expected == method))
        #expect(last.header("x-key") == "k")
        await server.close()
    }

    @Test("headers that may be secret stay with their origin")
    func secrets() async throws {
        let other = try await HTTPTestServer { _ in .text("other") }
        let server = try await HTTPTestServer { [url = other.url] _ in .redirect(to: url + "/", status: 307) }
        let headers = [
            ("Authorization", "Bearer s"), ("Cookie", "s=1"), ("X-Token", "s"), ("Accept", "application/json"),
            ("Content-Type", "application/json"),
        ]
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(
                method: "POST", url: server.url, headers: headers, body: Array("{}".utf8),
                policy: try policy(for: server, other), redirectsMax: 1)
            #expect(try await fetcher.fetch(request).body == Array("other".utf8))
        }
        let sent = try #require(other.requests.first)
        for name in ["authorization", "cookie", "x-token"] { #expect(sent.header(name) == nil) }
        #expect(sent.header("accept") == "application/json")
        #expect(sent.header("content-type") == "application/json")
        #expect(sent.text == "{}")
        await server.close()
        await other.close()
    }

    @Test(
        "each hop is checked again",
        arguments: [
            ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"), ("http://127.0.0.1:1/", "127.0.0.1"),
            ("http://[::ffff:127.0.0.1]:1/", "::ffff:127.0.0.1"), ("//10.0.0.1/", "10.0.0.1"),
        ])
    func denied(location: String, address: String) async throws {
        let server = try await HTTPTestServer { _ in .redirect(to: location) }
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server), redirectsMax: 3)
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
            guard case .addressDenied(address, _, _, "export.allowedSources") = failure else {
                Issue.record("expected a refusal of \(address), found \(String(describing: failure))")
                return
            }
        }
        await server.close()
    }

    @Test("other schemes and credentials are refused as a target", arguments: ["file:///etc/passwd", "gopher://x/"])
    func schemes(location: String) async throws {
        let server = try await HTTPTestServer { _ in .redirect(to: location) }
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server), redirectsMax: 3)
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
            guard case .schemeRefused = failure else {
                Issue.record("expected a refused scheme, found \(String(describing: failure))")
                return
            }
        }
        await server.close()
    }
}
