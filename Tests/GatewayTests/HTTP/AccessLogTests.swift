import Foundation
import JSONBytes
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// The line that a request leaves.
struct AccessLogTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// Runs requests, then reads the lines of all of them.
    private static func lines(
        _ count: Int, _ body: (GatewayHarness) async throws -> Void
    ) async throws -> [JSONValue] {
        let directory = try TemporaryDirectory()
        let path = directory.path("access.log")
        let log = try AccessLog(path: path)
        try await GatewayHarness.run(configure: { $0.accessLog = log }, body)
        func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        try await eventually("\(count) lines") { try text().split(separator: "\n").count >= count }
        let lines = try text().split(separator: "\n")
        #expect(lines.count == count && log.droppedCount == 0)
        return try lines.map { try JSONValue(parsing: Array($0.utf8)) }
    }

    @Test("a line says what was asked, answered and taken, and never the query")
    func line() async throws {
        let written = Mutex(0)
        let lines = try await Self.lines(1) { harness in
            let fields = ["X-Request-Id: r-1", "traceparent: 00-\(Self.traceID)-00f067aa0ba902b7-01"]
            let client = try await harness.connect()
            let answer = try await client.ask(
                request("POST /echo?key=secret", fields: fields, body: #"{"name":"a"}"#))
            #expect(answer.status == 200)
            let octets = answer.head.utf8.count + answer.body.count
            await client.close()
            written.withLock { $0 = octets }
        }
        let line = lines[0]
        let members = [
            "time", "facade", "method", "route", "path", "status", "bytes_in", "bytes_out", "ms", "request_id",
            "trace_id", "principal", "ip",
        ]
        #expect(line.members?.map(\.key) == members)
        #expect(line["facade"]?.string == "test" && line["method"]?.string == "POST")
        #expect(line["route"]?.string == "echo" && line["path"]?.string == "/echo")
        #expect(line["status"]?.integer == 200 && line["bytes_in"]?.integer == 12)
        #expect(line["bytes_out"]?.integer == written.withLock { $0 })
        #expect(line["request_id"]?.string == "r-1" && line["trace_id"]?.string == Self.traceID)
        #expect(line["ip"]?.string == "127.0.0.1" && line["principal"] == .null)
        guard case .number(let milliseconds)? = line["ms"] else { throw JSONMissing() }
        #expect((Double(milliseconds) ?? -1) > 0)
    }

    @Test("refusals, streams, events and broken requests leave lines too")
    func kinds() async throws {
        let lines = try await Self.lines(6) { harness in
            let client = try await harness.connect()
            for line in ["GET /none", "PUT /echo", "GET /files/a", "GET /events?kind=ends", "GET /openapi.json"] {
                _ = try await client.ask(request(line))
            }
            _ = try await client.ask("BAD\r\n\r\n")
        }
        #expect(lines.map { $0["status"]?.integer } == [404, 405, 200, 200, 200, 400])
        #expect(lines.map { $0["route"]?.string } == [nil, nil, "file", "events", nil, nil])
        #expect(lines.allSatisfy { $0["request_id"]?.string?.isEmpty == false })
        #expect(lines[..<5].allSatisfy { $0["trace_id"]?.string?.count == 32 })
    }

    @Test("a client that leaves is 499")
    func clientLeaves() async throws {
        let lines = try await Self.lines(1) { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            await client.close(reset: true)
            try await eventually("the cancellation") { harness.log.cancelled == ["test.wait"] }
        }
        #expect(lines[0]["status"]?.integer == 499 && lines[0]["bytes_out"]?.integer == 0)
    }

    @Test("nothing a client sends makes a line of its own or leaves its string")
    func injection() async throws {
        let lines = try await Self.lines(3) { harness in
            let client = try await harness.connect()
            _ = try await client.ask(request(#"GET /a"b\n","status":1,"x":"?q"#))
            _ = try await client.ask(request("GET /" + String(repeating: "a", count: 5_000)))
            _ = try await client.ask(request("GET /none", fields: ["X-Request-Id: a\"b"]))
        }
        #expect(lines[0]["path"]?.string == #"/a"b\n","status":1,"x":""# && lines[0]["status"]?.integer == 404)
        #expect(lines[1]["path"]?.string?.utf8.count == 1_024)
        #expect(lines[2]["request_id"]?.string?.count == 36)
    }

    @Test("a traceparent that is none is made anew")
    func traceparents() async throws {
        let bad = [
            "nonsense", "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01",
            "ff-\(Self.traceID)-00f067aa0ba902b7-01",
        ]
        let lines = try await Self.lines(bad.count) { harness in
            let client = try await harness.connect()
            for value in bad { _ = try await client.ask(request("GET /none", fields: ["traceparent: \(value)"])) }
        }
        for line in lines {
            let traceID = try #require(line["trace_id"]?.string)
            #expect(traceID.wholeMatch(of: /[0-9a-f]{32}/) != nil && traceID != Self.traceID)
        }
    }
}

private struct JSONMissing: Error {}
