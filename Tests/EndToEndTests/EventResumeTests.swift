import JSONBytes
import TestSupport
import Testing

/// A browser that watches an export and loses its connection.
struct EventResumeTests {
    @Test func aClientThatComesBackMissesNothingAndGetsNothingTwice() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HeldSource.start(rows: 100, pageHeld: 6)
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url, title: "events", limit: 10, conn: 1))
        try await eventually("the sixth page") { source.isHolding }

        let port = system.endpoints.port(facade: "export")
        var before = EventText()
        let first = try await RawTCPClient(port: port)
        try await first.send(Self.request(key, after: nil))
        try await eventually("an event") {
            before = EventText(String(decoding: first.received, as: UTF8.self))
            return !before.ids.isEmpty
        }
        await first.close(reset: true)

        let second = try await RawTCPClient(port: port)
        try await second.send(Self.request(key, after: before.ids.last))
        try await eventually("the events to go on") {
            !EventText(String(decoding: second.received, as: UTF8.self)).ids.isEmpty
        }
        source.release()
        let rest = EventText(try await second.read(until: "\r\n0\r\n\r\n"))
        // Ids only grow, from one connection to the next too; progress never goes back; the result comes once.
        let ids = before.ids + rest.ids
        #expect(ids == Array(1...ids.count), "\(ids)")
        #expect(before.results.isEmpty && rest.results.count == 1)
        let rows = (before.progress + rest.progress).compactMap { $0["rows"]?.integer }
        #expect(rows == rows.sorted())
        let result = try #require(rest.results.first?["data"])
        #expect(result["status"]?.integer == 2 && result["rows"]?.integer == 100)

        // Whoever comes after the end gets the result alone.
        let late = try await HTTP.get(
            system.exportURL + "/v1/export/events?key=\(key)", headers: [("Last-Event-ID", "\(ids.count)")])
        #expect(EventText(late.text).ids.isEmpty && EventText(late.text).results.count == 1)
        await second.close()
        try await system.stop()
        await source.close()
    }

    private static func request(_ key: String, after: Int?) -> String {
        let resumed = after.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        return "GET /v1/export/events?key=\(key) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(resumed)\r\n"
    }
}

/// The whole events in a text of server-sent events, chunk heads and all.
private struct EventText {
    private(set) var ids: [Int] = []
    private(set) var progress: [JSONValue] = []
    private(set) var results: [JSONValue] = []

    init(_ text: String = "") {
        var name = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("id: ") { ids += [Int(line.dropFirst(4)) ?? -1] }
            if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
            guard line.hasPrefix("data: "), let data = try? JSONValue(parsing: Array(line.dropFirst(6).utf8)) else {
                continue
            }
            if name == "progress" { progress.append(data) }
            if name == "result" { results.append(data) }
        }
    }
}
