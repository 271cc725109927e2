import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Clients that want too much, or never come to an end.
struct LimitTests {
    private static func run(
        _ change: (inout HTTPLimits) -> Void, _ body: (GatewayHarness) async throws -> Void
    ) async throws {
        try await GatewayHarness.run(configure: { change(&$0.limits) }, body)
    }

    @Test("a header that comes too slowly is answered 408, and the connection ends")
    func slowHeader() async throws {
        try await Self.run({ $0.headerTimeout = .milliseconds(50) }) { harness in
            let client = try await harness.connect()
            try await client.send("GET /records/1 HTTP/1.1\r\nHost: local")
            #expect(try await client.answer().status == 408)
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test("a body that comes too slowly is answered 408")
    func slowBody() async throws {
        try await Self.run({ $0.bodyTimeout = .milliseconds(50) }) { harness in
            let client = try await harness.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
            #expect(try await client.answer().status == 408)
            #expect(try await client.readToEnd().isEmpty)
            #expect(harness.gateway.load.bytes == 0)
        }
    }

    @Test("a connection nobody uses is closed")
    func idle() async throws {
        try await Self.run({ $0.idleTimeout = .seconds(1) }) { harness in
            let client = try await harness.connect()
            #expect(try await client.ask(request("GET /records/1")).status == 200)
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test(
        "a header beyond the limit is answered 431",
        arguments: [
            "X-Long: " + String(repeating: "a", count: 20_000), String(repeating: "X: 1\r\n", count: 200) + "Y: 1",
            "X-Space:" + String(repeating: " ", count: 40_000),
        ])
    func longHeader(field: String) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send("GET /records/1 HTTP/1.1\r\nHost: localhost\r\n" + field)
            let answer = try await client.answer()
            #expect(answer.status == 431, "\(answer.text)")
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test("a body beyond the limit is answered 413, whether it says so or not")
    func longBody() async throws {
        try await Self.run({ $0.bodyBytesMax = 100_000 }) { harness in
            let announced = try await harness.connect()
            try await announced.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100001\r\n\r\n")
            let answer = try await announced.answer()
            #expect(answer.status == 413)
            #expect(answer.text.contains(#""reason":"size""#))
            _ = try await announced.readToEnd()
            let chunked = try await harness.connect()
            let piece = String(repeating: " ", count: 60_000)
            try await chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<2 { try await chunked.send("\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n") }
            #expect(try await chunked.answer().status == 413)
            _ = try await chunked.readToEnd()
            #expect(harness.gateway.load.bytes == 0)
            #expect(harness.log.started.isEmpty)
        }
    }

    @Test("a chunked body that is all chunk extensions is refused")
    func overhead() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1")
            let extensionText = ";" + String(repeating: "x", count: 8_000)
            for _ in 0..<8 where !client.isEnded { try? await client.send(extensionText) }
            #expect(try await client.answer().status == 400)
        }
    }

    @Test("more octets in flight than allowed are answered 503")
    func octetsInFlight() async throws {
        try await Self.run({ $0.inFlightBytesMax = 1_000 }) { harness in
            let body = #"{"a":"\#(String(repeating: "x", count: 2_000))"}"#
            let answer = try await harness.ask(request("POST /echo", body: body))
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(try await harness.ask(request("POST /echo", body: "{}")).status == 200)
            #expect(harness.gateway.load.bytes == 0)
        }
    }

    @Test("more calls than allowed are answered 503")
    func calls() async throws {
        try await Self.run({ $0.callsMax = 1 }) { harness in
            let first = try await harness.connect()
            try await first.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            #expect(try await harness.ask(request("GET /records/1")).status == 503)
            harness.log.gate.open()
            #expect(try await first.answer().status == 200)
            #expect(try await harness.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("more connections than allowed are turned away")
    func connections() async throws {
        try await Self.run({ $0.connectionsMax = 1 }) { harness in
            let first = try await harness.connect()
            #expect(try await first.ask(request("GET /records/1")).status == 200)
            let second = try await harness.connect()
            #expect(try await second.answer().status == 503)
            #expect(try await second.readToEnd().isEmpty)
            await first.close()
            try await eventually("a free place") { harness.gateway.load.connections == 0 }
            #expect(try await harness.ask(request("GET /records/1")).status == 200)
        }
    }
}
