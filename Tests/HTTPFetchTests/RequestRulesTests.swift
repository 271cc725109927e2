import HTTPFetch
import TestSupport
import Testing

@Suite("What is never sent")
struct RequestRulesTests {
    @Test(
        "headers that would break out of their line, or that the transport owns, are refused",
        arguments: [
            ("X", "a\r\nInjected: 1"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\0b"), ("X\r\nY", "1"), ("X Y", "1"),
            ("X:", "1"), ("", "1"), ("é", "1"), ("Host", "x"), ("content-length", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"), ("PROXY-Authorization", "x"), ("Proxy-Anything", "x"), ("TE", "x"),
            ("Upgrade", "h2c"), ("X", String(repeating: "y", count: 20_000)),
        ])
    func headers(name: String, value: String) async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(
                url: server.url, headers: [(name, value)], policy: try policy(for: server))
            let failure = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
            guard case .invalidHeader(name, _) = failure else {
                Issue.record("expected a refused header, found \(String(describing: failure))")
                return
            }
        }
        #expect(server.connectionCount == 0)
        await server.close()
    }

    @Test("values with a CR LF inside one character are refused too")
    func graphemes() {
        // Swift sees CR LF as one Character and a letter with an accent as another: the check is on bytes.
        #expect(FetchHeaderRules.problem(name: "X", value: "a\r\n\u{301}b") != nil)
        #expect(FetchHeaderRules.problem(name: "X-Token", value: "中文 \t ok") == nil)
    }

    @Test("methods are those we know", arguments: ["get", "CONNECT", "TRACE", "GET / HTTP/1.1\r\nX: y", ""])
    func methods(method: String) async throws {
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(method: method, url: "http://127.0.0.1:9/", policy: nil)
            await #expect(throws: HTTPFetchError.invalidMethod(method)) { try await fetcher.fetch(request) }
        }
    }

    @Test(
        "URLs are absolute, http or https, and hold no credentials",
        arguments: [
            "", "/path", "localhost:8080/x", "//host/x", "file:///etc/passwd", "ftp://host/", "gopher://host/",
            "javascript:alert(1)", "http://", "http://user@host/", "http://user:password@host/",
            "http://host:0/", "http:///x", "http:/x", "http:////x", "https:///", "http://host:65536/", "http://host:x/",
            "http://ho st/", "http://[::1/",
            "http://host/a\0b",
            "http://host/a\r\nX: y", "http://host/\u{7f}", "http://host/" + String(repeating: "a", count: 17_000),
        ])
    func badURLs(text: String) {
        let failure = #expect(throws: HTTPFetchError.self) { try FetchURL(parsing: text) }
        switch failure {
        case .invalidURL, .schemeRefused: break
        default: Issue.record("expected a refused URL, found \(String(describing: failure))")
        }
    }

    @Test(
        "URLs are brought into one form",
        arguments: [
            ("HTTP://Example.COM/A", "http", "example.com", 80, "http://Example.COM/A"),
            ("https://h/#frag", "https", "h", 443, "https://h/"),
            ("http://0x7f.1:81/", "http", "127.0.0.1", 81, "http://127.0.0.1:81/"),
            ("http://[::1]:82/x?a b", "http", "::1", 82, "http://[::1]:82/x?a+b"),
            ("http://h/../a/./b?q=中", "http", "h", 80, "http://h/a/b?q=%e4%b8%ad"),
        ])
    func normalForm(text: String, scheme: String, host: String, port: Int, normal: String) throws {
        let url = try FetchURL(parsing: text)
        #expect(url.scheme == scheme)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.text == normal)
    }
}
