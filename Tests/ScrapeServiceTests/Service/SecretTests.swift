import Foundation
import HTTPFetch
import JSONBytes
import PostgreSQLTesting
import RPC
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// Secrets of accounts and proxies: used, and never seen.
@Suite(.postgreSQL) struct SecretTests {
    private static let keys = ["first key, of at least 32 characters", "second key, of at least 32 chars."]
        .map { $0.replacing(" ", with: "-") }

    @Test(arguments: StoreEngine.allCases)
    func aTaskUsesItsAccount(engine: StoreEngine) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.token = "token-of-the-account"
        try await withScraper(on: engine, behaviour) { harness in
            let made = try await harness.call(
                "scrape.account.create", ["id": "account-123", "name": "ours", "bearer_token": "token-of-the-account"])
            #expect(made["id"] == "account-123" && made["name"] == "ours")
            let account = [JSONMember("account_id", "account-123")]
            let task = try await harness.task(.userInfo, ["username": "elonmusk"], account)
            #expect(try await harness.run(task).count == 1)
            // The default one is another.
            let other = try await harness.task(.userInfo, ["username": "elonmusk"])
            try await harness.start(other)
            #expect(try await harness.ended(other)["error_message"]?.string?.hasPrefix("AUTH: ") == true)

            let taken = try await harness.refusal(
                "scrape.account.create", ["id": "account-123", "bearer_token": "x"])
            #expect(taken.status == .alreadyExists)
            let name: JSONValue = ["account_id": "account-123"]
            for answer in [
                made, try await harness.call("scrape.account.get", name),
                try await harness.call("scrape.account.list", [:]),
                try await harness.call(
                    "scrape.account.update", ["account_id": "account-123", "changes": ["name": "theirs"]]),
            ] { #expect(!answer.description.contains("token-of")) }
            _ = try await harness.call("scrape.account.delete", name)
            try await harness.start(task)
            let ended = try await harness.ended(task)
            #expect(ended["error_message"] == "ACCOUNT_NOT_FOUND: no account with the id account-123")
            #expect(try await harness.refusal("scrape.account.get", name).message == "Account not found")
        }
    }

    @Test func theStoreHasNoSecretInClearAndANewKeyTakesOver() async throws {
        let x = try await XAPITestServer()
        let directory = try TemporaryDirectory()
        var harness = try await ScrapeHarness(in: directory, x: x) { $0.secretKeys = Self.keys[0] }
        _ = try await harness.call("scrape.account.create", ["id": "a", "bearer_token": "secret-token"])
        _ = try await harness.call(
            "scrape.proxy.create", ["id": "p", "url": "socks5h://somebody:secret-password@127.0.0.1:1"])
        let proxy = try await harness.call("scrape.proxy.get", ["proxy_id": "p"])
        #expect(proxy["url"] == "socks5h://127.0.0.1:1")
        await harness.stop()
        for file in try FileManager.default.contentsOfDirectory(atPath: directory.path) where file.hasPrefix("store") {
            let octets = try Data(contentsOf: URL(fileURLWithPath: directory.path(file)))
            #expect(octets.range(of: Data("secret-".utf8)) == nil, "\(file)")
        }
        // The new key in front, then alone.
        for keys in [Self.keys.reversed().joined(separator: "\n"), Self.keys[1]] {
            harness = try await ScrapeHarness(in: directory, x: x) {
                $0.secretKeys = keys
                $0.bearerToken = ""
            }
            let task = try await harness.task(
                .userInfo, ["username": "elonmusk"], [JSONMember("account_id", "a")])
            #expect(try await harness.run(task).count == 1)
            await harness.stop()
        }
        await x.close()
    }

    @Test func aTaskGoesThroughItsProxy() async throws {
        let fetcher = try CurlFetcher()
        let proxy = try await HTTPTestServer { request in
            let headers = request.headers.filter { $0.name.lowercased() == "authorization" }
            let forwarded = HTTPFetchRequest(url: request.target, headers: headers, policy: nil)
            guard let answer = try? await fetcher.fetch(forwarded) else { return .drop }
            return HTTPTestAnswer(status: answer.status, body: .bytes(answer.body))
        }
        try await withScraper { harness in
            _ = try await harness.call(
                "scrape.proxy.create", ["id": "proxy-456", "url": .string("http://\(proxy.address)")])
            let task = try await harness.task(
                .userInfo, ["username": "elonmusk"], [JSONMember("proxy_id", "proxy-456")])
            #expect(try await harness.run(task).count == 1)
            #expect(proxy.requests.count == 1)
            let checked = try await harness.call("scrape.proxy.check", ["proxy_id": "proxy-456"])
            #expect(checked["ok"] == true && checked["error"] == .null)
            await proxy.close()
            let dead = try await harness.call("scrape.proxy.check", ["proxy_id": "proxy-456"])
            #expect(dead["ok"] == false && dead["error"]?.string != nil)
            try await harness.start(task)
            #expect(try await harness.ended(task)["error_message"]?.string?.hasPrefix("NETWORK: ") == true)
        }
        await fetcher.shutdown()
    }

    @Test func aProxyIsNoWayInside() async throws {
        let inside = try await HTTPTestServer { _ in .text("secret") }
        try await withScraper { configuration in
            configuration.allowedProxies = []
        } _: { harness in
            _ = try await harness.call(
                "scrape.proxy.create", ["id": "p", "url": .string("http://\(inside.address)")])
            let checked = try await harness.call("scrape.proxy.check", ["proxy_id": "p"])
            #expect(
                checked["error"]
                    == "the proxy's address is local, private or reserved, and not in scrape.allowedProxies")
            let task = try await harness.task(.userInfo, ["username": "elonmusk"], [JSONMember("proxy_id", "p")])
            try await harness.start(task)
            let reason = try await harness.ended(task)["error_message"]?.string
            #expect(reason?.contains("scrape.allowedProxies") == true, "\(reason ?? "")")
        }
        #expect(inside.requests.isEmpty)
        await inside.close()
    }

    private static let wrongSecrets: [(String, JSONValue)] = [
        ("proxy", ["url": "http://user:words#x@proxy:3128"]),
        ("account", ["bearer_token": "two words"]), ("account", [:]), ("account", ["bearer_token": 1]),
        ("proxy", ["url": "ftp://host"]), ("proxy", ["url": "socks5://"]), ("proxy", ["url": "http://host/path"]),
    ]

    @Test(arguments: wrongSecrets)
    func aWrongSecretIsRefusedAndNotRepeated(kind: String, body: JSONValue) async throws {
        try await withScraper { harness in
            let error = try await harness.refusal("scrape.\(kind).create", body)
            #expect(error.details.map(\.pathText) == [kind == "account" ? "bearer_token" : "url"])
            #expect(!error.message.contains("words") && !error.message.contains("ftp"))
        }
    }
}
