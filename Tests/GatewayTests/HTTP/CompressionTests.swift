import Foundation
import TestSupport
import Testing

@testable import Gateway

/// gzip of JSON answers.
struct CompressionTests {
    @Test(
        "gzip is taken by whoever says so and prefers it",
        arguments: [
            ("gzip", true), ("GZIP", true), ("x-gzip", true), ("deflate, gzip;q=0.5", true), ("*", true),
            ("gzip;q=0", false), ("gzip;q=0.000, *", false), ("*;q=0", false), ("identity", false), ("", false),
            ("br", false), ("gzip;q=2", false), ("gzip;q=high", false), ("identity;q=0.5, gzip;q=1.0", true),
            ("identity, gzip;q=0.5", false), ("gzip ; q=0.1", true), ("*;q=0.1, gzip;q=0", false),
            (",,;q=1,gzip", true),
        ])
    func negotiation(field: String, takes: Bool) {
        #expect(AcceptEncoding.takesGzip(field) == takes)
    }

    @Test("an answer comes back the same, compressed at once or beside the loop", arguments: [2_000, 300_000])
    func compressed(count: Int) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let body = #"{"a":"\#(String(repeating: "pailou ", count: count / 7))"}"#
            let plain = try await client.ask(request("POST /echo", fields: ["X-Request-Id: r"], body: body))
            #expect(plain.fields["content-encoding"] == nil && plain.fields["vary"] == "accept-encoding")
            let fields = ["X-Request-Id: r", "Accept-Encoding: br, gzip"]
            let answer = try await client.ask(request("POST /echo", fields: fields, body: body))
            #expect(answer.fields["content-encoding"] == "gzip" && answer.fields["vary"] == "accept-encoding")
            #expect(answer.fields["content-type"] == "application/json" && answer.fields["etag"] == nil)
            #expect(answer.body.count < plain.body.count / 10)
            #expect(try await gunzip(answer.body) == plain.text)
            // The connection goes on, and what the compressor held is given back.
            #expect(try await client.ask(request("GET /records/1")).status == 200)
            #expect(harness.gateway.load.bytes == 0)
        }
    }

    @Test("small answers, streams and events are sent as they are")
    func uncompressed() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            for target in ["/records/1", "/files/a", "/events?kind=ends"] {
                let answer = try await client.ask(request("GET \(target)", fields: ["Accept-Encoding: gzip"]))
                #expect(answer.fields["content-encoding"] == nil && answer.fields["vary"] == nil, "\(target)")
            }
        }
    }

    @Test("answers above the limit are sent as they are, and a limit of zero turns compression off")
    func limit() async throws {
        try await GatewayHarness.run(configure: { $0.limits.compressedBytesMax = 0 }) { harness in
            let body = #"{"a":"\#(String(repeating: "x", count: 2_000))"}"#
            let answer = try await harness.ask(request("POST /echo", fields: ["Accept-Encoding: gzip"], body: body))
            #expect(answer.fields["content-encoding"] == nil && answer.fields["vary"] == nil)
        }
    }

    @Test("the façade's document is compressed, and HEAD says the same length as GET")
    func document() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let answer = try await client.ask(request("GET /openapi.json", fields: ["Accept-Encoding: gzip"]))
            #expect(answer.fields["content-encoding"] == "gzip")
            #expect(try await gunzip(answer.body).hasPrefix("{\"openapi\""))
            let head = try await client.ask(request("HEAD /openapi.json", fields: ["Accept-Encoding: gzip"]))
            #expect(head.fields["content-length"] == "\(answer.body.count)")
            #expect(head.fields["content-encoding"] == "gzip")
        }
    }

    private func gunzip(_ octets: [UInt8]) async throws -> String {
        try await runSuccessfully("gzip", ["-dc"], input: octets).standardOutput
    }
}
