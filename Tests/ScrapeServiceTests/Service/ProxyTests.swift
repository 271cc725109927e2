import RPC
import HTTPFetch
import JSONBytes
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing
import XAPI

@testable import ScrapeService

/// Proxies that tasks share: one that is dead is no reason to fail.
@Suite(.postgreSQL) struct ProxyTests {
    /// A proxy that forwards what it is asked for.
    private static func forwarding(with fetcher: CurlFetcher) async throws -> HTTPTestServer {
        try await HTTPTestServer { request in
            let headers = request.headers.filter { $0.name.lowercased() == "authorization" }
            let forwarded = HTTPFetchRequest(url: request.target, headers: headers, policy: nil)
            guard let answer = try? await fetcher.fetch(forwarded) else { return .drop }
            return HTTPTestAnswer(status: answer.status, body: .bytes(answer.body))
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aTaskWithoutAProxyGoesThroughAnotherWhileOneIsDead(engine: StoreEngine) async throws {
        let fetcher = try CurlFetcher()
        let alive = try await Self.forwarding(with: fetcher)
        let dying = try await Self.forwarding(with: fetcher)
        try await withScraper(on: engine) { harness in
            for (id, proxy) in [("dying", dying), ("alive", alive)] {
                _ = try await harness.call(
                    "scrape.proxy.create",
                    ["id": .string(id), "url": .string("http://\(proxy.address)"), "shared": true])
            }
            let first = try await harness.task(.userInfo, ["username": "elonmusk"])
            #expect(try await harness.run(first).count == 1)
            await dying.close()
            let before = alive.requests.count
            // Followers come in three pages behind the user.
            let task = try await harness.task(.userFollowers, ["username": "elonmusk", "limit": 2_500])
            #expect(try await harness.run(task).count == 2_500)
            #expect(alive.requests.count == before + 4)
            let dead = try await harness.call("scrape.proxy.get", ["proxy_id": "dying"])
            #expect(dead["shared"] == true && dead["failures"] == 1 && dead["resting"] == true, "\(dead)")
            let living = try await harness.call("scrape.proxy.get", ["proxy_id": "alive"])
            #expect(living["failures"] == 0 && living["success_rate"] == 1.0 && living["resting"] == false)
            #expect(living["calls"]?.integer == alive.requests.count && living["latency_ms"]?.integer != nil)
            // Whoever names the dead one is not moved to another.
            let named = try await harness.task(
                .userInfo, ["username": "elonmusk"], [JSONMember("proxy_id", "dying")])
            _ = try await harness.run(named)
            #expect(try await harness.get(named)["error_message"]?.string?.hasPrefix("NETWORK: ") == true)
            // Nobody went past the proxies.
            #expect(harness.x.calls == alive.requests.count + dying.requests.count)
            _ = try await harness.call(
                "scrape.proxy.update", ["proxy_id": "alive", "changes": ["shared": false]])
            #expect(try await harness.call("scrape.proxy.get", ["proxy_id": "alive"])["shared"] == false)
        }
        await alive.close()
        await fetcher.shutdown()
    }

    @Test func countsOutliveTheProcess() async throws {
        let fetcher = try CurlFetcher()
        let proxy = try await Self.forwarding(with: fetcher)
        let x = try await XAPITestServer()
        let directory = try TemporaryDirectory()
        var harness = try await ScrapeHarness(in: directory, x: x)
        _ = try await harness.call(
            "scrape.proxy.create", ["id": "p", "url": .string("http://\(proxy.address)"), "shared": true])
        _ = try await harness.run(try await harness.task(.userInfo, ["username": "elonmusk"]))
        let before = try await harness.call("scrape.proxy.get", ["proxy_id": "p"])
        #expect(before["calls"] == 1)
        await harness.stop()
        harness = try await ScrapeHarness(in: directory, x: x)
        #expect(try await harness.call("scrape.proxy.get", ["proxy_id": "p"]) == before)
        await harness.stop()
        await x.close()
        await proxy.close()
        await fetcher.shutdown()
    }

    @Test func aProxyRestsLongerTheOftenerItFails() {
        let rates = ProxyRates()
        let (first, second) = (XProxy(name: "a", url: "http://a"), XProxy(name: "b", url: "http://b"))
        let start = ContinuousClock.now
        #expect(rates.choose(of: [first, second], now: start)?.name == "a")
        rates.report(first, isReached: true, .milliseconds(3), now: start)
        #expect(rates.choose(of: [first, second], now: start)?.name == "b")
        rates.report(second, isReached: false, .zero, now: start)
        for _ in 0..<5 { rates.report(first, isReached: true, .milliseconds(3), now: start) }
        #expect(rates.choose(of: [first, second], now: start)?.name == "a")
        #expect(rates.isResting("b", now: start + .seconds(29)) && !rates.isResting("b", now: start + .seconds(31)))
        #expect(rates.choose(of: [first, second], now: start + .seconds(31))?.name == "b")
        rates.report(second, isReached: false, .zero, now: start)
        #expect(rates.isResting("b", now: start + .seconds(59)))
        for _ in 0..<30 { rates.report(second, isReached: false, .zero, now: start) }
        #expect(!rates.isResting("b", now: start + .seconds(601)))
        // If all rest, the one that is back first.
        rates.report(first, isReached: false, .zero, now: start)
        #expect(rates.choose(of: [second, first], now: start + .seconds(1))?.name == "a")
        #expect(rates.pending("a") == ProxyCalls(calls: 7, failures: 1, latencyMilliseconds: 18))
    }
}
