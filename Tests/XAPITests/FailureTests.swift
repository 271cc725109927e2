import TestSupport
import Testing
import XAPI

@Suite struct FailureTests {
    private static let user = XRequest(.user(name: "elonmusk"))

    private static func failure(
        _ request: XRequest = user, token: String = "secret-token", with behaviour: XAPIBehaviour = .init()
    ) async throws -> (failure: XAPIFailure, calls: Int) {
        var failure: XAPIFailure?
        var calls = 0
        try await withX(behaviour) { server, client in
            do throws(XAPIFailure) {
                _ = try await client.page(request, token: token)
            } catch {
                failure = error
            }
            calls = server.calls
        }
        return (try #require(failure), calls)
    }

    @Test(arguments: [
        (XAPITestServer.usageCap, "USAGE_CAP"), (XAPITestServer.noCredits, "CREDITS"),
        (XAPITestServer.forbidden, "FORBIDDEN"),
        (XAPITestServer.problem(401, "Unauthorized", "Unauthorized"), "AUTH"),
        (XAPITestServer.problem(400, "Invalid Request", "bad"), "REFUSED"),
        (HTTPTestAnswer.status(429, headers: [("x-rate-limit-reset", "1700000000")]), "RATE_LIMIT"),
    ])
    func aRefusalIsFinalAndSaysWhy(answer: HTTPTestAnswer, reason: String) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, _ in answer }
        let (failure, calls) = try await Self.failure(with: behaviour)
        #expect(failure.reason == reason)
        #expect(calls == 1)
    }

    @Test(arguments: [
        (XRequest.Endpoint.user(name: "nobody"), "NOT_FOUND"), (.user(name: "gone"), "SUSPENDED"),
        // The answer repeats the name.
        (.user(name: "nosuspended"), "NOT_FOUND"),
        (.posts(userID: "1002"), "PROTECTED"),
    ])
    func aPageWithoutDataSaysWhy(endpoint: XRequest.Endpoint, reason: String) async throws {
        #expect(try await Self.failure(XRequest(endpoint)).failure.reason == reason)
    }

    @Test func aWrongTokenIsNotShown() async throws {
        let failure = try await Self.failure(token: "wrong-token").failure
        #expect(failure.reason == "AUTH")
        #expect(!failure.description.contains("wrong-token"))
    }

    @Test(arguments: [XAPITestServer.unavailable, .drop, HTTPTestAnswer(body: .cut([0x7B], declared: 100))])
    func aServerInTroubleIsTriedFiveTimes(answer: HTTPTestAnswer) async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { _, _ in answer }
        let (failure, calls) = try await Self.failure(with: behaviour)
        #expect(failure.reason == "NETWORK")
        #expect(calls == 5)
    }

    @Test func aServerThatRecoversIsForgiven() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.fault = { call, _ in call < 5 ? XAPITestServer.unavailable : nil }
        try await withX(behaviour) { server, client in
            let page = try await client.page(Self.user, token: "secret-token")
            #expect(page.items.count == 1)
            #expect(server.calls == 5)
        }
    }
}
