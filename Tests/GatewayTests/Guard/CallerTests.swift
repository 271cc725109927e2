import Foundation
import NIOCore
import RPC
import TestSupport
import Testing

@testable import Gateway

/// Callers of a guarded façade, over sockets: how often they may call, and what is left of what they showed.
@Suite(.timeLimit(.minutes(1))) struct CallerTests {
    private static let directory = Result { try TemporaryDirectory() }

    /// The façade of these tests for callers with these keys.
    private static func options(_ keys: [(name: String, key: String)], rate: RateLimit? = nil) async throws
        -> FacadeOptions
    {
        let lines = keys.map { "\($0.name) \(TokenHash(of: $0.key).hex)\n" }.joined()
        let path = try directory.get().write(lines, to: "keys-\(UUID())")
        var options = FacadeOptions()
        options.callers.keys = try await TokenFile(path: path)
        options.callers.rate = rate
        return options
    }

    @Test func `each caller has a rate of its own, whichever key it shows, and guessing has one`() async throws {
        let limit = RateLimit(count: 1, per: .hours(1), burst: 2)
        let options = try await Self.options([("a", "one"), ("a", "another"), ("b", "two")], rate: limit)
        try await GatewayHarness.run(configure: { $0.facades["test"] = options }) { harness in
            func ask(_ key: String) async throws -> ReceivedAnswer {
                try await harness.ask(request("GET /records/1", fields: ["x-api-key: \(key)"]))
            }
            #expect(try await ask("one").status == 200)
            #expect(try await ask("another").status == 200)
            let late = try await ask("one")
            #expect(late.status == 429 && late.text.contains(#""reason":"rate""#))
            let wait = try #require(late.fields["retry-after"].flatMap { Int($0) })
            #expect((3_500...3_600).contains(wait))
            for _ in 1...2 { #expect(try await ask("wrong").status == 401) }
            let guessing = try await ask("still wrong")
            #expect(guessing.status == 429 && guessing.fields["retry-after"] != nil)
            // Who guesses at the same address takes nothing from those who know.
            #expect(try await ask("two").status == 200)
        }
    }

    @Test func `no key comes back, and none is written down`() async throws {
        let key = "plt_0123456789abcdef"
        let directory = try TemporaryDirectory()
        let log = try AccessLog(path: directory.path("access.log"))
        let options = try await Self.options([("a", key)])
        let shown = [
            ["x-api-key: \(key)"], ["authorization: Bearer \(key)"], ["x-api-key: \(key)x"],
            ["authorization: Bearer \(key)x"], ["authorization: Basic \(key)"], ["cookie: key=\(key)"],
            ["x-api-key: \(key)", "x-padding: \(String(repeating: "y", count: 17_000))"],
        ]
        var told = ""
        try await GatewayHarness.run(configure: {
            $0.facades["test"] = options
            $0.accessLog = log
        }) { harness in
            var statuses: [Int] = []
            for fields in shown {
                let answer = try await harness.ask(request("GET /meta?key=\(key)&x-api-key=\(key)", fields: fields))
                statuses.append(answer.status)
                told += answer.head + answer.text
            }
            #expect(statuses == [200, 200, 401, 401, 401, 401, 431])
        }
        func written() throws -> String { try String(contentsOfFile: directory.path("access.log"), encoding: .utf8) }
        try await eventually("a line for each") { try written().split(separator: "\n").count == shown.count }
        #expect(try written().contains(#""principal":"a""#))
        #expect(try !written().contains(key))
        #expect(!told.contains(key))
    }

    @Test func `tokens that come twice, or beside a wrong key, do not add up`() async throws {
        let options = try await Self.options([("a", "right")])
        try await GatewayHarness.run(configure: { $0.facades["test"] = options }) { harness in
            for (fields, status) in [
                (["authorization: Bearer right", "authorization: Bearer right"], 401),
                (["authorization: Bearer right, Bearer right"], 401),
                (["authorization: Bearer wrong", "x-api-key: right"], 200),
                (["authorization: Bearer wrong", "x-api-key: wrong"], 401),
                (["x-api-key: right", "X-API-KEY: wrong"], 401), (["x-api-key: right,right"], 401),
            ] {
                let answer = try await harness.ask(request("GET /records/1", fields: fields))
                #expect(answer.status == status, "\(fields)")
                #expect((answer.fields["www-authenticate"] != nil) == (status == 401))
            }
        }
    }
}
