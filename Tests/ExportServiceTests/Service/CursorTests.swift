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

    @Test func aTotalThatWasNotReachedIsAWarningIfItMayBe() async throws {
        let server = try await server([#"{"total":300}"#, nil])
        try await withExports({ $0.crawlLimits.strictTotal = false }) { harness in
            let (detail, _) = try await harness.exported(server.request(format: "CSV", source: Self.cursor))
            #expect(detail.rows == 200 && detail.totalRows == 300 && detail.warnings == 1)
        }
        await server.close()
    }

    @Test func aPageWithoutTheHeaderWouldLoseARow() async throws {
        let server = try await HTTPTestServer { request in
            let first = request.query["after"].flatMap { Int($0) } ?? 0
            let rows = (first..<first + 10).map { #"{"id":\#($0)}"# }
            let all = (first == 0 ? [#"{"id":"Number"}"#] + rows : rows).joined(separator: ",")
            return .json(#"{"errcode":0,"data":{"data":[\#(all)],"next":\#(first < 90 ? "\(first + 10)" : "null")}}"#)
        }
        try await withExports { harness in
            let detail = try await harness.ended(try await harness.submit(server.request(source: Self.cursor)))
            #expect(
                detail.summary.failReason
                    == "page 2: expected the header row first, as on page 1, found another row")
        }
        await server.close()
    }

    // MARK: Cursors that are forgotten

    /// Five pages of 100 rows. Cursors are of an age of the source, and no other age takes them.
    private struct ForgetfulSource: Sendable {
        let age = Shared(1)
        let gate = Gate()
        /// Whether the fourth page is refused by every age but the first.
        var refusesPageFour = false

        func server() async throws -> HTTPTestServer {
            try await HTTPTestServer { request in
                let parts = (request.query["after"] ?? "").split(separator: "-").compactMap { Int($0) }
                let (age, number) = parts.count == 2 ? (parts[0], parts[1]) : (self.age.value, 1)
                if age == 1, number == 4 { await gate.wait() }
                guard age == self.age.value, number != 4 || age == 1 || !refusesPageFour else {
                    return .json(#"{"errcode":9,"msg":"scroll expired"}"#, status: 400)
                }
                // Another age, other rows: those of two together would be neither.
                let rows = (0..<100).map { #",{"id":\#(age * 1_000 + number * 100 + $0)}"# }.joined()
                let next = number < 5 ? #""\#(age)-\#(number + 1)""# : "null"
                return .json(#"{"errcode":0,"data":{"data":[{"id":"Number"}\#(rows)],"next":\#(next)}}"#)
            }
        }
    }

    // first      pages 1, 2, 3 ── 4 waits ── stopped
    // source                                  forgets its cursors
    // second     1, 2, 3 from the journal ── 4 is refused ── 1, 2, 3, 4, 5 anew
    @Test(arguments: [150, 1_000]) func whereACursorIsForgottenEverythingIsFetchedAnew(rowsPerFile: Int) async throws {
        let source = ForgetfulSource()
        let server = try await source.server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory, { $0.file.rowsPerFile = rowsPerFile }) { harness in
            let body = server.request(title: "t", format: "CSV", source: Self.cursor)
            let key = try await harness.submit(body)
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 300 }
            return key
        }
        source.age.change { $0 = 2 }
        source.gate.open()
        try await withExports(in: directory, { $0.file.rowsPerFile = rowsPerFile }) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.summary.failReason == "" && detail.rows == 500 && detail.totalRows == 500)
            #expect(detail.files == (rowsPerFile == 150 ? 4 : 1) && detail.warnings == 0)
            let zip = harness.directory.path("t.zip")
            try await harness.download(detail).write(to: zip)
            let text = try await runSuccessfully("unzip", ["-p", zip]).standardOutput
            let numbers = text.split(whereSeparator: \.isNewline).compactMap { Int($0) }
            #expect(numbers == Array(2_100..<2_600))
        }
        #expect(server.requests.count == 4 + 1 + 5)
        await server.close()
    }

    @Test func aSourceThatRefusesAgainIsNotAskedForEver() async throws {
        let source = ForgetfulSource(refusesPageFour: true)
        let server = try await source.server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(source: Self.cursor))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 300 }
            return key
        }
        source.age.change { $0 = 2 }
        source.gate.open()
        try await withExports(in: directory) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.summary.failReason == "page 4: the source answered status 400, errcode 9: scroll expired")
        }
        #expect(server.requests.count == 4 + 1 + 4)
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
