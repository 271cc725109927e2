import JSONBytes
import TestSupport
import Testing
import XAPI

@Suite struct PageTests {
    private static let elon = XRequest.Endpoint.posts(userID: "44196397")

    @Test(arguments: XDialect.allCases)
    func aUsersPostsComePageByPage(dialect: XDialect) async throws {
        try await withX(dialect: dialect) { server, client in
            let pages = try await client.all(XRequest(Self.elon))
            #expect(pages.count == 35)
            let ids = pages.flatMap { $0.items.compactMap { $0["id"]?.string } }
            #expect(ids.count == 3_500 && Set(ids).count == 3_500)
            #expect(server.requests.allSatisfy { $0.query["max_results"] == "100" })
            #expect(server.requests.allSatisfy { $0.query["\(dialect.rawValue).fields"] != nil })
        }
    }

    @Test func bothDialectsBecomeTheSameRecord() async throws {
        var records: [[JSONValue]] = []
        for dialect in XDialect.allCases {
            try await withX(dialect: dialect) { _, client in
                var request = XRequest(Self.elon)
                request.count = 16
                let page = try await client.page(request, token: "secret-token")
                records.append(page.items.compactMap { XRecord($0, of: page, isPost: true)?.data })
            }
        }
        #expect(records[0].count == 16)
        #expect(records[0] == records[1])
    }

    @Test func whatIsCutIsMadeWhole() async throws {
        try await withX { _, client in
            let page = try await client.page(XRequest(Self.elon), token: "secret-token")
            let texts = page.items.compactMap { XRecord($0, of: page, isPost: true)?.data["text"]?.string }
            #expect(texts.contains { $0.hasPrefix("RT @elonmusk: source of") && $0.hasSuffix("whole and uncut") })
            #expect(texts.contains { $0.hasPrefix("long") && $0.utf8.count > 400 })
            #expect(!texts.contains { $0.hasSuffix("…") })
        }
    }

    @Test func aShortOrEmptyPageIsNoEnd() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.emptyPages = [1]
        behaviour.shortPages = [2]
        try await withX(behaviour, world: XWorld(users: [.init("a", id: 1, posts: 350)])) { _, client in
            let pages = try await client.all(XRequest(.posts(userID: "1")))
            #expect(pages.map(\.items.count) == [100, 0, 50, 100, 100])
        }
    }

    @Test func followersComeAThousandAtATime() async throws {
        try await withX { _, client in
            var request = XRequest(.followers(userID: "44196397"))
            request.count = 5_000
            let pages = try await client.all(request)
            #expect(pages.map(\.items.count) == [1_000, 1_000, 500])
        }
    }

    @Test func aPageNeverAsksForLessThanTheApiTakes() async throws {
        try await withX { server, client in
            var request = XRequest(Self.elon)
            request.count = 1
            _ = try await client.page(request, token: "secret-token")
            var search = XRequest(.search)
            (search.query, search.count) = ("(a b) lang:zh", 3)
            _ = try await client.page(search, token: "secret-token")
            #expect(server.requests.map { $0.query["max_results"] } == ["5", "10"])
            #expect(server.requests.last?.query["query"] == "(a b) lang:zh")
        }
    }

    @Test func theDialectIsSwitchedOnceWhenItsWordsAreRefused() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.dialect = "post"
        try await withX(behaviour) { server, client in
            let page = try await client.page(XRequest(Self.elon), token: "secret-token")
            #expect(page.items.count == 100)
            #expect(client.spoken == .post)
            _ = try await client.page(XRequest(Self.elon), token: "secret-token")
            #expect(server.calls == 3)
        }
    }

    /// Also those of answers that are no page.
    @Test func headersSayHowManyCallsAreLeft() async throws {
        var behaviour = XAPIBehaviour()
        behaviour.rate = (3, 60)
        try await withX(behaviour) { _, client in
            let heard = Shared<[XRateLimit]>([])
            for name in ["elonmusk", "nobody"] {
                _ = try? await client.page(XRequest(.user(name: name)), token: "secret-token") { limit in
                    heard.change { $0.append(limit) }
                }
            }
            #expect(heard.value.map(\.remaining) == [2, 1] && heard.value.allSatisfy { $0.limit == 3 })
            #expect(heard.value.allSatisfy { $0.resetAt > 1_700_000_000 })
        }
    }
}
