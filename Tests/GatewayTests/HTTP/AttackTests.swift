import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@testable import Gateway

/// Requests made to be misread, to take more than their share, or to speak through us to somebody else.
struct AttackTests {
    @Test(
        "a target that names a foreign place is answered by nobody",
        arguments: [
            ("GET http://evil.example/records/1", 403), ("GET http://localhost@evil.example/records/1", 403),
            ("GET http://evil.example:80@localhost/records/1", 403), ("GET https://localhost/records/1", 400),
            ("GET ftp://localhost/records/1", 400), ("GET //evil.example/records/1", 404),
            ("GET http:///records/1", 403), ("GET localhost/records/1", 400), ("GET /records/1#x", 400),
            ("GET *", 400), ("GET http://localhost/records/1", 200), ("GET http://127.0.0.1:1/records/1", 200),
        ])
    func targets(line: String, status: Int) async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request(line))
            #expect(answer.status == status || (status == 400 && answer.status == 404), "\(answer.head)")
            #expect(harness.log.started.count == (status == 200 ? 1 : 0))
        }
    }

    @Test("the host of an absolute target stands above the field")
    func absoluteHost() async throws {
        try await GatewayHarness.run { harness in
            let own = try await harness.ask(request("GET http://localhost/meta", host: "evil.example"))
            #expect(own.status == 200 && own.text.contains(#""base":"http://localhost""#))
            #expect(try await harness.ask(request("GET http://evil.example/meta", host: "localhost")).status == 403)
        }
    }

    @Test(
        "a path cannot climb, nor pass for another one",
        arguments: [
            "/records/../records/1", "/records/%2e%2e", "/records//1", "/./records/1", "/records/1%2Fx", "/Records/1",
        ])
    func paths(path: String) async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET \(path)"))
            #expect(answer.status >= 400)
            #expect(harness.log.started.isEmpty)
        }
    }

    @Test("fields in trailers change nothing")
    func trailers() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let trailers = "Content-Length: 50\r\nHost: evil.example\r\nTransfer-Encoding: identity\r\n"
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\(trailers)\r\n"
            )
            let answer = try await client.answer()
            #expect(answer.status == 200 || answer.status == 400)
            if answer.status == 200 { #expect(try await client.ask(request("GET /records/7")).text.contains("7")) }
        }
    }

    @Test("a flood of pipelined requests is answered in order, and never more than the backlog is held")
    func pipelining() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let count = 2_000
            let flood = (0..<count).map { request("GET /records/\($0)") }.joined()
            async let sent: Void = client.send(flood)
            for number in 0..<count {
                let answer = try await client.answer()
                #expect(answer.status == 200 && answer.text.contains(#"{"id":\#(number)}"#))
            }
            try await sent
            #expect(harness.log.started.count == count)
        }
    }

    @Test("a flood behind a request that waits runs nothing, and its connection alone is slow")
    func pipeliningBehindWait() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            let flood = Array(String(repeating: request("GET /records/1"), count: 1_000).utf8)
            async let sent: Void = client.send(flood)
            #expect(try await harness.ask(request("GET /records/2")).status == 200)
            #expect(harness.log.started == ["test.wait", "test.record"])
            harness.log.gate.open()
            for _ in 0...1_000 { #expect(try await client.answer().status == 200) }
            try await sent
        }
    }

    @Test(
        "a tag, a name and a type from a service begin no field of their own",
        arguments: ["tagged", "named", "injection"])
    func injectionFromServices(name: String) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let answer = try await client.ask(request("GET /files/\(name)"))
            #expect(answer.status == 200 && answer.fields["x-evil"] == nil)
            #expect(answer.head.split(separator: "\r\n").allSatisfy { !$0.hasPrefix("X-Evil") })
            #expect(try await client.ask(request("GET /records/1")).status == 200)
        }
    }

    @Test(
        "a message from a service is JSON inside the body, never a field", arguments: ["\r\nX-Evil: 1\r\n\r\n", "\"}"])
    func injectionFromErrors(text: String) async throws {
        var methods = RPCMethods()
        methods.register("test.record", raw: { _ in throw RPCError(.notFound, reason: text, text) })
        try await GatewayHarness.run(methods: methods) { harness in
            let answer = try await harness.ask(request("GET /records/1"))
            #expect(answer.status == 404 && answer.fields["x-evil"] == nil)
            let body = try JSONValue(parsing: answer.body)
            #expect(body["msg"]?.string == text)
        }
    }

    @Test(
        "oversized parts of a head are refused before they are whole",
        arguments: [
            "GET /" + String(repeating: "a", count: 100_000), String(repeating: "G", count: 100_000),
            "GET / HTTP/1.1\r\nHost: " + String(repeating: "h", count: 100_000),
            "GET / HTTP/1.1\r\n" + String(repeating: "n", count: 100_000),
        ])
    func oversized(head: String) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try? await client.send(head)
            let answer = try await client.answer()
            #expect(answer.status == 431 || answer.status == 400)
            #expect(answer.fields["connection"] == "close")
            _ = try await client.readToEnd()
        }
    }
}
