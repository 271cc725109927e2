import TestSupport
import Testing

/// Requests two servers could read differently: each is answered 400 and the connection ends, so that nothing of what
/// follows is ever taken for a request of somebody else.
struct SmugglingTests {
    private static let hidden = "GET /records/666 HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private static func post(_ fields: String..., body: String = "{}", version: String = "HTTP/1.1") -> String {
        "POST /echo \(version)\r\nHost: localhost\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    static let ambiguous: [(String, String)] = [
        ("a length and a transfer coding", post("Content-Length: 2", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        ("a transfer coding and a length", post("Transfer-Encoding: chunked", "Content-Length: 2", body: "0\r\n\r\n")),
        ("two differing lengths", post("Content-Length: 2", "Content-Length: 3")),
        ("two equal lengths", post("Content-Length: 2", "Content-Length: 2")),
        ("a list of lengths", post("Content-Length: 2, 2")),
        ("a signed length", post("Content-Length: +2")),
        ("a negative length", post("Content-Length: -2")),
        ("a hexadecimal length", post("Content-Length: 0x2")),
        ("a length with a space inside", post("Content-Length: 1 0")),
        ("an empty length", post("Content-Length: ")),
        ("a length beyond any integer", post("Content-Length: 99999999999999999999")),
        ("an unknown transfer coding", post("Transfer-Encoding: gzip", body: "0\r\n\r\n")),
        ("two transfer codings", post("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n")),
        ("chunked twice", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: "0\r\n\r\n")),
        ("chunked twice in one field", post("Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n")),
        ("identity behind chunked", post("Transfer-Encoding: chunked, identity", body: "0\r\n\r\n")),
        ("a transfer coding in quotes", post("Transfer-Encoding: \"chunked\"", body: "0\r\n\r\n")),
        ("an empty transfer coding", post("Transfer-Encoding: ", body: "0\r\n\r\n")),
        ("a transfer coding in http/1.0", post("Transfer-Encoding: chunked", body: "0\r\n\r\n", version: "HTTP/1.0")),
        ("a space before the colon", post("Content-Length : 2")),
        ("a folded field", post("Transfer-Encoding:\r\n chunked", body: "0\r\n\r\n")),
        ("a field that begins with white space", post(" Content-Length: 2")),
        ("a field without a colon", post("Content-Length")),
        ("a field without a name", post(": 2")),
        ("bare line feeds", "GET /records/1 HTTP/1.1\nHost: localhost\n\n"),
        ("a bare line feed behind a field", "GET /records/1 HTTP/1.1\r\nHost: localhost\nX-A: 1\r\n\r\n"),
        ("a bare carriage return in a field", "GET /records/1 HTTP/1.1\r\nHost: localhost\rX-A: 1\r\n\r\n"),
        ("a null in a field", "GET /records/1 HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n"),
        ("a control octet in a name", "GET /records/1 HTTP/1.1\r\nHost: localhost\r\nX\u{1}A: 1\r\n\r\n"),
        ("two hosts", "GET /records/1 HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
        ("no host", "GET /records/1 HTTP/1.1\r\n\r\n"),
        ("a space in the target", "GET /records/1 /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("a control octet in the target", "GET /records/\u{1} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("an unknown protocol", "GET /records/1 HTTQ/1.1\r\nHost: localhost\r\n\r\n"),
        ("http/2 in disguise", "GET /records/1 HTTP/2.0\r\nHost: localhost\r\n\r\n"),
        ("an unknown method", "GETX /records/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("a chunk size that is no number", post("Transfer-Encoding: chunked", body: "zz\r\n{}\r\n0\r\n\r\n")),
        ("a signed chunk size", post("Transfer-Encoding: chunked", body: "+2\r\n{}\r\n0\r\n\r\n")),
        ("a chunk size beyond any integer", post("Transfer-Encoding: chunked", body: "fffffffffffffffff\r\n{}\r\n")),
        ("a chunk longer than its size", post("Transfer-Encoding: chunked", body: "1\r\n{}\r\n0\r\n\r\n")),
        ("a chunk that ends in a bare line feed", post("Transfer-Encoding: chunked", body: "2\n{}\n0\n\n")),
        ("no http at all", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n"),
    ]

    @Test("an ambiguous request is answered 400 and the connection ends", arguments: ambiguous)
    func ambiguity(what: String, attack: String) async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(attack + Self.hidden)
            let answer = try await client.answer()
            #expect(answer.status == 400, "\(what): \(answer.head)\(answer.text)")
            #expect(answer.fields["connection"] == "close")
            let rest = try await client.readToEnd()
            #expect(rest.isEmpty, "\(what): \(String(decoding: rest, as: UTF8.self))")
            #expect(harness.log.started.isEmpty)
        }
    }

    @Test("what stands behind a bad request of a pipeline is never run")
    func pipelined() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /records/1") + "BAD\r\n\r\n" + Self.hidden)
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer().status == 400)
            #expect(try await client.readToEnd().isEmpty)
            #expect(harness.log.started == ["test.record"])
        }
    }

    @Test("a client that wants another protocol gets this one, and the connection ends")
    func upgrades() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let fields = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]
            let answer = try await client.ask(request("GET /records/1", fields: fields))
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            _ = try await client.readToEnd()
            let tunnel = try await harness.connect()
            #expect(try await tunnel.ask("CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n").status >= 400)
            _ = try await tunnel.readToEnd()
        }
    }
}
