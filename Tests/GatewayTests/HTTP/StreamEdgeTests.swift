import NIOCore
import RPC
import TestSupport
import Testing

@testable import Gateway

/// Streams and connections at their edges: validators, credits, the last octets.
struct StreamEdgeTests {
    /// A file whose service says itself what `If-None-Match` comes to, or leaves it to the gateway.
    private static func methods(status: Int?) -> RPCMethods {
        var methods = RPCMethods()
        methods.registerStream("test.file") { context, opener in
            var content = RPCContent(type: "text/plain", size: status == nil ? 10 : nil, etag: "\"v1\"")
            content.status = status
            let writer = try await opener.open(content)
            if status == nil { try await writer.write(ByteBuffer(string: "0123456789")) }
        }
        methods.register("test.record", raw: { _ in ByteBuffer(string: "1") })
        return methods
    }

    @Test(
        "If-None-Match is judged once: by the service if it says 304, else by the gateway",
        arguments: [
            (nil, "\"v1\"", 304), (nil, "W/\"v1\"", 304), (nil, "*", 304), (nil, "\"v0\", \"v1\"", 304),
            (nil, "\"v2\"", 200), (nil, "v1", 200), (304, "\"v1\"", 304), (304, "\"v2\"", 304),
        ] as [(Int?, String, Int)])
    func conditions(said: Int?, field: String, status: Int) async throws {
        try await GatewayHarness.run(methods: Self.methods(status: said)) { harness in
            let client = try await harness.connect()
            let answer = try await client.ask(request("GET /files/a", fields: ["If-None-Match: \(field)"]))
            #expect(answer.status == status && answer.fields["etag"] == "\"v1\"")
            #expect(answer.text == (status == 200 ? "0123456789" : ""))
            #expect(answer.fields["content-length"] == (status == 200 ? "10" : nil))
            // No octet of a body follows a 304: the next answer is read from where this one ends.
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("a service that sends beyond its credits loses the stream, not the process its memory")
    func beyondCredits() async throws {
        let stranger = try await UnboundedStreamer.start()
        try await GatewayHarness.run(servicePort: stranger.port) { harness in
            let reader = try DeafClient(port: harness.port)
            reader.send(request("GET /files/a"))
            // Far below the time after which a deaf reader would be let go of.
            try await eventually("the cut") { harness.gateway.load.calls == 0 && stranger.wasCalled }
            try await eventually("the end of the connection") { harness.gateway.load.connections == 0 }
            reader.close()
        }
        try await stranger.close()
    }

    @Test("the last answer arrives although a flood behind it was never read")
    func lingeringWithHeldReads() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            let flood = Array(String(repeating: request("GET /records/1"), count: 10_000).utf8)
            async let sent: Void = client.send(flood)
            async let stopped: Void = harness.gateway.stop(grace: .seconds(20))
            try await eventually("the closed port") { (try? await harness.connect()) == nil }
            harness.log.gate.open()
            let answer = try await client.answer()
            #expect(answer.status == 200 && answer.fields["connection"] == "close")
            #expect(try await client.readToEnd().isEmpty)
            #expect(harness.log.started == ["test.wait"])
            _ = try? await sent
            await stopped
        }
    }
}
