import Foundation
import Spreadsheet
import TestSupport
import Testing

/// CSV written by us and read by Python's csv module.
struct CSVSheetTests {
    private func write(_ rows: [[TestCell]], header: [String], options: CSVOptions = CSVOptions()) async throws
        -> CSVFile
    {
        let directory = try TemporaryDirectory()
        let path = directory.path("table.csv")
        let writer = try CSVSheetWriter(path: path, options: options)
        try writer.writeHeader(header)
        for row in rows { try writer.write(row) }
        let summary = try writer.finish()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(summary.bytes == bytes.count)
        #expect(summary.rows == rows.count)
        let python = try await runSuccessfully("python3", ["-c", csvScript, path])
        let read = try JSONDecoder().decode([[String]].self, from: Data(python.standardOutput.utf8))
        return CSVFile(bytes: bytes, rows: read, summary: summary)
    }

    @Test("cells are read back as they were written")
    func cells() async throws {
        let file = try await write(
            [
                [.text("plain"), .text("a,b"), .text("say \"hi\"")],
                [.text("line\r\nbreak"), .text("\n"), .text(" space ")],
                [.number("-1.50"), .number("12345678901234567890"), .number("1e5")],
                [.boolean(true), .boolean(false), .empty],
                [.json(#"{"a":[1,"x"]}"#), .text("牌楼😀"), .text("")],
                [.text("short")],
                [.bytes([0x61, 0xFF, 0x00]), .text("'quoted'"), .text("\u{FFFF}")],
            ], header: ["一", "b\"c", "d"])
        #expect(
            file.rows == [
                ["一", "b\"c", "d"],
                ["plain", "a,b", "say \"hi\""],
                ["line\r\nbreak", "\n", " space "],
                ["-1.50", "12345678901234567890", "1e5"],
                ["true", "false", ""],
                [#"{"a":[1,"x"]}"#, "牌楼😀", ""],
                ["short", "", ""],
                ["a\u{FFFD}\u{FFFD}", "'quoted'", "\u{FFFF}"],
            ])
        #expect(file.bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(file.summary.warnings.repairedCells == 1)
    }

    @Test("text that would run as a formula gets an apostrophe, numbers do not")
    func formulaGuard() async throws {
        let rows: [[TestCell]] = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "'=1"].map {
            [.text($0), .number("-1")]
        }
        let guarded = try await write(rows, header: ["=a", "b"])
        #expect(guarded.rows.map(\.first) == ["'=a", "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "'=1"])
        #expect(guarded.rows.dropFirst().allSatisfy { $0.last == "-1" })

        var options = CSVOptions()
        options.formulaGuard = false
        let open = try await write(rows, header: ["=a", "b"], options: options)
        #expect(open.rows.map(\.first) == ["=a", "=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "'=1"])
    }

    @Test("without the byte order mark the file begins with the header")
    func noMark() async throws {
        var options = CSVOptions()
        options.byteOrderMark = false
        let file = try await write([], header: ["a"], options: options)
        #expect(file.bytes == Array("a\r\n".utf8))
    }

    @Test("an empty row of one column is not a blank line")
    func emptyRow() async throws {
        let file = try await write([[.empty], [.text("")], [.text("x")]], header: ["a"])
        #expect(file.rows == [["a"], [""], [""], ["x"]])
    }

    @Test("a full disk is an error, and the file is gone")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("full.csv")
        // A link, so that removing the file does not remove the device.
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let writer = try CSVSheetWriter(path: path)
        try writer.writeHeader(["a"])
        let error = #expect(throws: SpreadsheetError.self) {
            for _ in 0..<100_000 { try writer.write([.text("some text")]) }
        }
        #expect(error == .system(operation: "write", path: path, errno: ENOSPC))
        writer.abandon()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test("an abandoned file is gone")
    func abandon() throws {
        let directory = try TemporaryDirectory()
        let writer = try CSVSheetWriter(path: directory.path("a.csv"))
        try writer.writeHeader(["a"])
        writer.abandon()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }
}

private struct CSVFile {
    var bytes: [UInt8]
    var rows: [[String]]
    var summary: SheetSummary
}

private let csvScript = """
    import csv, json, sys
    with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
        print(json.dumps(list(csv.reader(file, strict=True))))
    """
