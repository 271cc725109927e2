import Foundation
import NIOCore
import NIOHTTP1
import RPC
import TestSupport
import Testing

@testable import Gateway

/// Pages of other origins (CORS).
struct CrossOriginTests {
    private static let console = "Origin: https://console.example"
    private static let evil = "Origin: https://evil.example"

    private static func run(_ body: (RawTCPClient) async throws -> Void) async throws {
        var options = FacadeOptions()
        options.allowedOrigins = ["https://console.example"]
        try await GatewayHarness.run(configure: { [options] in $0.facades["test"] = options }) { harness in
            let client = try await harness.connect()
            try await body(client)
            await client.close()
        }
    }

    @Test("a preflight of a listed origin is answered with methods, fields and a time")
    func preflight() async throws {
        try await Self.run { client in
            let asked = [Self.console, "Access-Control-Request-Method: POST"]
            let answer = try await client.ask(request("OPTIONS /echo", fields: asked))
            #expect(answer.status == 204)
            #expect(answer.fields["access-control-allow-origin"] == "https://console.example")
            #expect(answer.fields["access-control-allow-methods"] == "POST, OPTIONS")
            #expect(answer.fields["access-control-allow-headers"]?.contains("content-type") == true)
            #expect(answer.fields["access-control-max-age"] == "600")
            #expect(answer.fields["access-control-allow-credentials"] == nil)
            #expect(answer.fields["vary"] == "origin")
        }
    }

    @Test(
        "every kind of answer lets a listed origin read it",
        arguments: ["/records/1", "/files/a", "/events?kind=ends", "/none"])
    func answers(target: String) async throws {
        try await Self.run { client in
            let answer = try await client.ask(request("GET \(target)", fields: [Self.console]))
            #expect(answer.fields["access-control-allow-origin"] == "https://console.example")
            #expect(answer.fields["access-control-expose-headers"]?.contains("x-request-id") == true)
            #expect(answer.fields["vary"] == "origin")
        }
    }

    @Test("a listed origin may send unsafe requests; another is 403 and can read nothing")
    func unsafe() async throws {
        try await Self.run { client in
            let allowed = try await client.ask(request("POST /echo", fields: [Self.console], body: "{}"))
            #expect(allowed.status == 200 && allowed.fields["access-control-allow-origin"] != nil)
            let refused = try await client.ask(request("POST /echo", fields: [Self.evil], body: "{}"))
            #expect(refused.status == 403)
            #expect(refused.fields["access-control-allow-origin"] == nil && refused.fields["vary"] == "origin")
            let asked = [Self.evil, "Access-Control-Request-Method: POST"]
            let preflight = try await client.ask(request("OPTIONS /echo", fields: asked))
            #expect(preflight.fields.keys.allSatisfy { !$0.hasPrefix("access-control-") })
            #expect(preflight.fields["allow"] == "POST, OPTIONS")
        }
    }

    @Test("what one request was told is not told to the next of the connection")
    func nextRequest() async throws {
        try await Self.run { client in
            let first = try await client.ask(request("GET /records/1", fields: [Self.console]))
            #expect(first.fields["access-control-allow-origin"] != nil)
            let next = try await client.ask(request("GET /records/1"))
            #expect(next.fields["access-control-allow-origin"] == nil && next.fields["vary"] == "origin")
        }
    }

    @Test("without a list browsers are told nothing")
    func off() async throws {
        try await GatewayHarness.run { harness in
            let asked = [Self.console, "Access-Control-Request-Method: POST"]
            let preflight = try await harness.ask(request("OPTIONS /echo", fields: asked))
            #expect(preflight.status == 204 && preflight.fields["vary"] == nil)
            #expect(preflight.fields.keys.allSatisfy { !$0.hasPrefix("access-control-") })
        }
    }

    @Test("a preflight names what the façade's guard looks at, and what its settings name")
    func preflightFields() async throws {
        let directory = try TemporaryDirectory()
        var options = FacadeOptions()
        options.allowedOrigins = ["https://console.example"]
        #expect(try await Self.acceptedFields(options)?.contains("authorization") == false)
        options.allowedHeaders = ["X-Tenant"]
        options.callers.keys = try await TokenFile(path: directory.write("", to: "keys"))
        let usual = try #require(try await Self.acceptedFields(options))
        #expect(Set(usual).isSuperset(of: ["authorization", "x-api-key", "x-tenant", "content-type"]))
        let document = testFacade.replacing(
            "paths:\n",
            with: """
                security: [{shop: []}]
                components: {securitySchemes: {shop: {type: apiKey, in: header, name: X-Shop-Key}}}
                paths:

                """)
        let named = try #require(try await Self.acceptedFields(options, document))
        #expect(named.contains("x-shop-key") && !named.contains("x-api-key"))
    }

    /// The fields that a page may send to this façade.
    private static func acceptedFields(_ options: FacadeOptions, _ document: String = testFacade) async throws
        -> [String]?
    {
        let facade = try FacadeDocument.compile(yaml: Array(document.utf8), file: "test.yaml")
        let rule = CrossOriginRule(options, guarding: facade.operations)
        let head = HTTPRequestHead(
            version: .http1_1, method: .OPTIONS, uri: "/echo",
            headers: ["origin": "https://console.example", "access-control-request-method": "POST"])
        let fields = try #require(rule).preflightFields(for: head, allow: ["POST"])
        return fields.first { $0.0 == "access-control-allow-headers" }?.1.components(separatedBy: ", ")
    }
}
