import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// One connection, many requests.
struct ConnectionTests {
    @Test("requests sent all at once are answered in order on one connection")
    func pipelining() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let count = 200
            try await client.send((0..<count).map { request("GET /records/\($0)") }.joined())
            for number in 0..<count {
                let answer = try await client.answer()
                #expect(answer.text.contains("{\"id\":\(number)}"))
                #expect(answer.fields["connection"] == nil)
            }
        }
    }

    @Test("a request that comes octet by octet is the same request")
    func dribble() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            for octet in request("POST /echo", body: #"{"a":1}"#).utf8 { try await client.send([octet]) }
            #expect(try await client.answer().text.contains(#"{"a":1}"#))
        }
    }

    @Test("http/1.0 closes unless it asks not to")
    func oldHTTP() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let kept = try await client.ask(
                "GET /records/1 HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
            #expect(kept.fields["connection"] == "keep-alive")
            let last = try await client.ask("GET /records/2 HTTP/1.0\r\nHost: localhost\r\n\r\n")
            #expect(last.fields["connection"] == "close")
            #expect(try await client.readToEnd().isEmpty)
            let stream = try await harness.connect()
            try await stream.send("GET /files/sizeless HTTP/1.0\r\nHost: localhost\r\n\r\n")
            #expect(try await stream.answer().text == "0123456789")
        }
    }

    @Test("a connection outlives a refused request whose body is short")
    func refusalKeepsConnection() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            #expect(try await client.ask(request("POST /nowhere", body: "{}")).status == 404)
            #expect(try await client.ask(request("POST /records/1", body: "no json")).status == 405)
            #expect(try await client.ask(request("GET /records/1", body: "not wanted")).status == 200)
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("a large body goes out and comes back")
    func largeBody() async throws {
        try await GatewayHarness.run { harness in
            let body = #"{"a":"\#(String(repeating: "x", count: 1_000_000))"}"#
            let client = try await harness.connect()
            let answer = try await client.ask(request("POST /echo", body: body))
            #expect(answer.status == 200)
            #expect(answer.body.count > body.utf8.count)
            try await eventually("all octets given back") { harness.gateway.load.bytes == 0 }
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test("a client that sends and never reads is not served without end")
    func deafPipelining() async throws {
        try await GatewayHarness.run(configure: { $0.limits.stallTimeout = .milliseconds(500) }) { harness in
            let client = try DeafClient(port: harness.port)
            let body = #"{"a":"\#(String(repeating: "x", count: 50_000))"}"#
            let one = Array(request("POST /echo", body: body).utf8)
            var rest = one[...]
            try await eventually("the connection") { harness.gateway.load.connections == 1 }
            // One request after another, in whatever portions the kernel takes, until it takes no more: then the gateway
            // does not read, because its answers are not taken.
            try await eventually(within: .seconds(60), "the reset of a stalled connection") {
                for _ in 0..<64 {
                    rest = rest.dropFirst(client.send(rest))
                    if rest.isEmpty { rest = one[...] }
                }
                return harness.gateway.load.connections == 0
            }
            #expect(harness.log.started.count < 400)
            client.close()
        }
    }

    @Test("a client that leaves takes its call with it")
    func clientLeaves() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            await client.close(reset: true)
            try await eventually("the cancellation") { harness.log.cancelled == ["test.wait"] }
            try await eventually("the place of the call") { harness.gateway.load.calls == 0 }
        }
    }

    @Test("a stop lets the request under way finish and takes no other")
    func stop() async throws {
        try await GatewayHarness.run { harness in
            let idle = try await harness.connect()
            #expect(try await idle.ask(request("GET /records/1")).status == 200)
            let busy = try await harness.connect()
            try await busy.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started.contains("test.wait") }
            async let stopped: Void = harness.gateway.stop(grace: .seconds(10))
            #expect(try await idle.readToEnd().isEmpty)
            harness.log.gate.open()
            let answer = try await busy.answer()
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            _ = try await busy.readToEnd()
            await busy.close()
            await stopped
            await #expect(throws: (any Error).self) { try await harness.connect() }
        }
    }

    @Test("a stop does not wait longer than its grace")
    func graceEnds() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started.contains("test.wait") }
            await harness.gateway.stop(grace: .milliseconds(10))
            #expect(try await client.readToEnd().isEmpty)
        }
    }
}
