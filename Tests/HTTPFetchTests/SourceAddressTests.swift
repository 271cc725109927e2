import Foundation
import HTTPFetch
import TestSupport
import Testing

@Suite("Addresses as names resolve to them", .timeLimit(.minutes(1)))
struct SourceAddressTests {
    private func denial(_ request: HTTPFetchRequest) async throws -> HTTPFetchError? {
        try await withFetcher { fetcher in
            await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
        }
    }

    @Test(
        "loopback is refused however the URL writes it",
        arguments: [
            "localhost", "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "①②⑦.⓪.⓪.①",
        ])
    func loopback(host: String) async throws {
        let server = try await HTTPTestServer { _ in .text("secret") }
        let request = HTTPFetchRequest(
            url: "http://\(host):\(server.port)/", policy: AddressPolicy(setting: "export.allowedSources"))
        let failure = try #require(try await denial(request))
        guard case .addressDenied(_, server.port, _, _) = failure else {
            Issue.record("expected a refusal, found \(failure)")
            return
        }
        #expect("\(failure)".contains("export.allowedSources"))
        #expect(!FetchRetryRules.isRetryable(failure))
        #expect(server.connectionCount == 0)
        await server.close()
    }

    @Test("a name on the allow-list may resolve to loopback")
    func allowedName() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        try await withFetcher { fetcher in
            let policy = try AddressPolicy(parsing: ["localhost:\(server.port)"])
            let request = HTTPFetchRequest(url: "http://LocalHost:\(server.port)/", policy: policy)
            #expect(try await fetcher.fetch(request).status == 200)
        }
        await server.close()
    }

    @Test("IPv6 loopback passes when it is allowed")
    func allowedIPv6() async throws {
        let server = try await HTTPTestServer(host: "::1") { _ in .text("ok") }
        try await withFetcher { fetcher in
            let request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
            let response = try await fetcher.fetch(request)
            #expect(response.remoteAddress == "::1")
        }
        await server.close()
    }

    @Test("an open connection is no way around a stricter policy")
    func reuse() async throws {
        let server = try await HTTPTestServer { _ in .text("ok") }
        try await withFetcher { fetcher in
            var request = HTTPFetchRequest(url: server.url, policy: try policy(for: server))
            let response = try await fetcher.fetch(request)
            #expect(response.status == 200)
            request.policy = AddressPolicy(setting: "x")
            await #expect(
                throws: HTTPFetchError.addressDenied(
                    address: "127.0.0.1", port: server.port, host: "127.0.0.1", setting: "x")
            ) { try await fetcher.fetch(request) }
        }
        #expect(server.requests.count == 1)
        await server.close()
    }

    @Test("a proxy is connected to although its address is private, and hides no private address")
    func proxy() async throws {
        let proxy = try await HTTPTestServer { _ in .text("by proxy") }
        try await withFetcher { fetcher in
            var request = HTTPFetchRequest(url: "http://source.invalid/x?y", policy: AddressPolicy(setting: "x"))
            request.proxy = proxy.url
            let response = try await fetcher.fetch(request)
            #expect(response.body == Array("by proxy".utf8))
            #expect(proxy.requests.map(\.target) == ["http://source.invalid/x?y"])
            request.url = "http://169.254.169.254/"
            await #expect(
                throws: HTTPFetchError.addressDenied(
                    address: "169.254.169.254", port: 80, host: "169.254.169.254", setting: "x")
            ) { try await fetcher.fetch(request) }
        }
        #expect(proxy.requests.count == 1)
        await proxy.close()
    }

    @Test("a proxy somebody else names is judged by its address, also on a connection that is there already")
    func proxyAddress() async throws {
        let proxy = try await HTTPTestServer { _ in .text("by proxy") }
        try await withFetcher { fetcher in
            var request = HTTPFetchRequest(url: "http://source.example/", policy: nil)
            request.proxy = proxy.url
            request.proxyPolicy = try AddressPolicy(parsing: [proxy.address], setting: "x")
            #expect(try await fetcher.fetch(request).status == 200)
            request.proxyPolicy = AddressPolicy(setting: "x")
            for scheme in ["http", "socks5", "socks5h"] {
                request.proxy = "\(scheme)://\(proxy.address)"
                await #expect(
                    throws: HTTPFetchError.addressDenied(
                        address: "127.0.0.1", port: proxy.port, host: "127.0.0.1", setting: "x")
                ) { try await fetcher.fetch(request) }
            }
        }
        #expect(proxy.requests.count == 1)
        await proxy.close()
    }

    @Test("no error repeats a proxy's password")
    func proxyPassword() async throws {
        let closed = ClosedPort()
        try await withFetcher { fetcher in
            for proxy in [
                "http://user:pa#ss@proxy:3128", "http://user:pa/ss@proxy:3128", "ftp://user:pass@proxy:3128",
                "user:pass", "http://user:pass@127.0.0.1:\(closed.port)",
            ] {
                let request = HTTPFetchRequest(url: "http://source.example/", policy: nil, proxy: proxy)
                let error = await #expect(throws: HTTPFetchError.self) { try await fetcher.fetch(request) }
                #expect(error?.description.contains("pa") == false || error?.description.contains("such as") == true)
                #expect(error?.description.contains("user:pa#") == false)
            }
        }
    }

    @Test("proxies of the environment are not used")
    func environmentProxy() async {
        // In a process of its own, for the environment belongs to all tests.
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "all_proxy", "ALL_PROXY"] { setenv(name, "http://127.0.0.1:9", 1) }
            let server = try await HTTPTestServer { _ in .text("ok") }
            let fetcher = try CurlFetcher()
            let request = HTTPFetchRequest(url: server.url, policy: try AddressPolicy(parsing: [server.address]))
            _ = try await fetcher.fetch(request)
            exit(server.requests.first?.target == "/" ? 0 : 1)
        }
    }
}
