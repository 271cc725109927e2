import Dispatch
import TestSupport
import Testing

@testable import HTTPFetch

@Suite(.timeLimit(.minutes(1))) struct SystemResolverTests {
    // look-ups  a ······ (held)   b ······ (held)   c: refused   a, b: answered   c: answered
    @Test func noMoreNamesAreLookedUpAtOnceThanMayBe() async throws {
        let (begun, held) = (Shared(0), DispatchSemaphore(value: 0))
        let resolver = SystemResolver(lookUpsMax: 2, duration: .seconds(50)) { host in
            begun.change { $0 += 1 }
            held.wait()
            return ["\(host).1"]
        }
        async let first = resolver.addresses(of: "a")
        async let second = resolver.addresses(of: "b")
        try await eventually("both to be asked") { begun.value == 2 }
        let refusal = await #expect(throws: HTTPFetchError.self) { try await resolver.addresses(of: "c") }
        #expect("\(try #require(refusal))".contains("could not resolve c: 2 names are being looked up"))
        #expect(FetchRetryRules.isRetryable(try #require(refusal)))
        held.signal()
        held.signal()
        #expect(try await [first, second] == [["a.1"], ["b.1"]])
        held.signal()
        #expect(try await resolver.addresses(of: "c") == ["c.1"])
    }

    /// Who gave up waiting frees nothing: the thread is still there.
    @Test func aLookUpThatNobodyWaitsForStillCounts() async throws {
        let held = DispatchSemaphore(value: 0)
        let resolver = SystemResolver(lookUpsMax: 1, duration: .milliseconds(1)) { _ in
            held.wait()
            return []
        }
        #expect(try await resolver.addresses(of: "slow") == [])
        await #expect(throws: HTTPFetchError.self) { try await resolver.addresses(of: "next") }
        held.signal()
        held.signal()
        try await eventually("room for the next one") { (try? await resolver.addresses(of: "next")) != nil }
    }

    @Test func whatCannotBeLookedUpIsNotPassedToAProxy() async throws {
        let proxy = try await HTTPTestServer { _ in .text("by proxy") }
        let names = HostNames(nil, system: SystemResolver(lookUpsMax: 0))
        let url = try FetchURL(parsing: "http://localhost:\(proxy.port)/")
        let refusal = await #expect(throws: HTTPFetchError.self) {
            try await names.judge(url, by: AddressPolicy(setting: "x"))
        }
        #expect("\(try #require(refusal))".contains("0 names are being looked up"))
        await proxy.close()
    }
}
