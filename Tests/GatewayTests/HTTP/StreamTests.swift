import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Downloads: octets as the service sends them.
struct StreamTests {
    @Test("a file comes with its type, size, tag and date")
    func whole() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let answer = try await client.ask(request("GET /files/a"))
            #expect(answer.status == 200)
            #expect(answer.text == "0123456789")
            #expect(answer.fields["content-type"] == "text/plain")
            #expect(answer.fields["content-length"] == "10")
            #expect(answer.fields["etag"] == "\"v1\"")
            #expect(answer.fields["last-modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(answer.fields["accept-ranges"] == "bytes")
            #expect(answer.fields["content-disposition"] == nil)
            let sizeless = try await client.ask(request("GET /files/sizeless"))
            #expect(sizeless.fields["transfer-encoding"] == "chunked")
            #expect(sizeless.text == "0123456789")
        }
    }

    @Test("a part, a part that is not there, and a file the client has")
    func conditions() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let part = try await client.ask(request("GET /files/a", fields: ["Range: bytes=2-5"]))
            #expect(part.status == 206 && part.text == "2345")
            #expect(part.fields["content-range"] == "bytes 2-5/10")
            #expect(part.fields["content-length"] == "4")
            let beyond = try await client.ask(request("GET /files/a", fields: ["Range: bytes=50-"]))
            #expect(beyond.status == 416)
            #expect(beyond.fields["content-range"] == "bytes */10")
            let known = try await client.ask(request("GET /files/a", fields: ["If-None-Match: W/\"x\", \"v1\""]))
            #expect(known.status == 304 && known.fields["etag"] == "\"v1\"")
            let head = try await client.ask(request("HEAD /files/a"))
            #expect(head.status == 200 && head.fields["content-length"] == "10")
            let missing = try await client.ask(request("GET /files/missing"))
            #expect(missing.status == 404 && missing.text.contains(#""reason":"file""#))
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("a name or a type from a service begins no header of its own")
    func injection() async throws {
        try await GatewayHarness.run { harness in
            let named = try await harness.ask(request("GET /files/named"))
            #expect(named.fields["x-evil"] == nil)
            #expect(named.fields["content-disposition"]?.contains("filename*=UTF-8''%E6%8A%A5%E5%91%8A") == true)
            let typed = try await harness.ask(request("GET /files/injection"))
            #expect(typed.fields["x-evil"] == nil && typed.fields["content-type"] == nil)
        }
    }

    @Test("a stream that breaks is cut, never ended cleanly", arguments: ["cut", "short", "cut-sizeless"])
    func breaks(name: String) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /files/\(name)"))
            let octets = String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(!octets.hasSuffix("0\r\n\r\n"))
            #expect(!octets.contains("0123456789"))
        }
    }

    @Test("a client that leaves ends the stream")
    func clientLeaves() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /files/endless"))
            try await eventually("the first chunks") { client.received.count > 200_000 }
            await client.close(reset: true)
            try await eventually("the end of the stream") { harness.log.cancelled == ["test.file"] }
            try await eventually("the place of the call") { harness.gateway.load.calls == 0 }
        }
    }

    @Test("a reader that stops reading stops the service, and after a while loses the connection")
    func slowReader() async throws {
        try await GatewayHarness.run(configure: { $0.limits.stallTimeout = .milliseconds(300) }) { harness in
            let reader = try DeafClient(port: harness.port)
            reader.send(request("GET /files/endless"))
            // What the kernel's buffers of two sockets take, and the 16 chunks there is credit for, is all that is made.
            try await eventually("the reset of a stalled connection") { harness.gateway.load.connections == 0 }
            #expect(harness.log.chunksWritten < 16 + 160)
            try await eventually("the end of the stream") { harness.log.cancelled == ["test.file"] }
            reader.close()
        }
    }
}
