import ExportService
import JSONBytes
import ServiceContracts
import TestSupport
import Testing

/// Sources with a cursor that say little of themselves, or too much.
@Suite struct CursorTests {
    private static let cursor: JSONValue = ["cursor": ["next": "data.next", "param": "after"], "unique_key": "id"]

    /// Pages of 100 rows that follow each other.
    ///
    /// - Parameters:
    ///   - tags: The `pagetag` of each page; nil where it has none.
    ///   - next: Instead of the last page's cursor.
    private func server(_ tags: [String?], next: String? = nil) async throws -> HTTPTestServer {
        try await HTTPTestServer { request in
            let number = request.query["after"].flatMap { Int($0) } ?? 0
            let rows = (number * 100..<number * 100 + 100).map { #",{"id":\#($0)}"# }.joined()
            let cursor = number + 1 < tags.count ? "\(number + 1)" : next ?? "null"
            let tag = tags[number].map { #","pagetag":\#($0)"# } ?? ""
            return .json(#"{"errcode":0,"data":{"data":[{"id":"Number"}\#(rows)],"next":\#(cursor)\#(tag)}}"#)
        }
    }

    private static let wrong: [([String?], String)] = [
        ([#"{"total":500}"#, nil, "null"], "the source says it has 500 rows, its 3 pages held 300"),
        (
            [#"{"total":300}"#, nil, #"{"total":299}"#],
            "the source had 300 rows and has 299 now: rows may be missing, it changed while it was paged"
        ),
        (
            [#"{"total":9223372036854775807}"#, nil],
            "the source has 9223372036854775807 rows, 20000000 are allowed"
        ),
        (
            [nil, #"{"total":9223372036854775807}"#],
            "the source has 9223372036854775807 rows, 20000000 are allowed"
        ),
    ]

    @Test(arguments: wrong) func whatASourceSaysOfItsSizeCounts(tags: [String?], reason: String) async throws {
        let server = try await server(tags)
        try await withExports { harness in
            let detail = try await harness.ended(try await harness.submit(server.request(source: Self.cursor)))
            #expect(detail.summary.failReason == reason)
        }
        await server.close()
    }

    @Test func aSourceNeedNotSayItsSize() async throws {
        let server = try await server(["null", nil, "null"])
        try await withExports { harness in
            let (detail, _) = try await harness.exported(server.request(format: "CSV", source: Self.cursor))
            #expect(detail.rows == 300 && detail.totalRows == 300)
        }
        await server.close()
    }

    @Test func aCursorHasAnEnd() async throws {
        let server = try await server([nil], next: "\"" + String(repeating: "x", count: 8_193) + "\"")
        try await withExports { harness in
            let detail = try await harness.ended(try await harness.submit(server.request(source: Self.cursor)))
            #expect(
                detail.summary.failReason
                    == "page 1: expected a cursor of at most 8192 octets, found one of 8193")
        }
        await server.close()
    }

    @Test func partsReadPagesAgainAsTheCrawlDid() async throws {
        let server = try await server([#"{"total":1000}"#] + Array(repeating: nil, count: 9))
        try await withExports {
            $0.file.rowsPerFile = 300
            $0.file.pendingBytesMax = 1
        } _: { harness in
            let (detail, folder) = try await harness.exported(
                server.request(title: "t", format: "CSV", source: Self.cursor))
            #expect(detail.rows == 1_000 && detail.files == 4)
            let text = try await runSuccessfully("tail", ["-n", "1", "\(folder)/t-4.csv"]).standardOutput
            #expect(text == "999\r\n")
        }
        await server.close()
    }
}
