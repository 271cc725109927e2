import Spreadsheet
import TestSupport
import Testing

/// Every kind of cell and every trap of libxlsxwriter 1.1.4, written by us and read back by openpyxl.
struct XLSXCellTests {
    /// What is written, and what has to be read.
    static let cells: [(TestCell, ReadCell)] = [
        (.empty, .none),
        (.boolean(true), .boolean(true)),
        (.boolean(false), .boolean(false)),
        // Numbers that a double keeps.
        (.number("0"), .number(0)),
        (.number("-1"), .number(-1)),
        (.number("1.5"), .number(1.5)),
        (.number("1.50"), .number(1.5)),
        (.number("9.95"), .number(9.95)),
        (.number("1E3"), .number(1000)),
        (.number("1e20"), .number(1e20)),
        (.number("-2.5e-7"), .number(-2.5e-7)),
        (.number("123456789012345"), .number(123_456_789_012_345)),
        (.number("0.1234567890123456"), .number(0.1234567890123456)),
        // Numbers that would change.
        (.number("1234567890123456"), .text("1234567890123456")),
        (.number("9007199254740993"), .text("9007199254740993")),
        (.number("12345678901234567890"), .text("12345678901234567890")),
        (.number("3.14159265358979323846"), .text("3.14159265358979323846")),
        (.number("1e400"), .text("1e400")),
        (.number("-1e400"), .text("-1e400")),
        (.number("1e-400"), .text("1e-400")),
        (.number("1.7e308"), .text("1.7e308")),
        (.number("NaN"), .text("NaN")),
        (.number("Infinity"), .text("Infinity")),
        (.number("007"), .text("007")),
        (.number("1.5x"), .text("1.5x")),
        // Text stays text.
        (.text("123"), .text("123")),
        (.text("007"), .text("007")),
        (.text("true"), .text("true")),
        (.text("=1+1"), .text("=1+1")),
        (.text("https://example.com/a"), .text("https://example.com/a")),
        (.text("2024-01-02"), .text("2024-01-02")),
        (.text(""), .none),
        (.text("  both sides  "), .text("  both sides  ")),
        (.text("\n"), .text("\n")),
        (.text(" "), .text(" ")),
        (.text("<a href=\"x\">&amp;'</a>"), .text("<a href=\"x\">&amp;'</a>")),
        (.text("tab\tline\nend"), .text("tab\tline\nend")),
        (.text("牌楼 の 문 ñ é 😀"), .text("牌楼 の 문 ñ é 😀")),
        // What XML cannot hold.
        (.text("cr\r\nlf"), .text("cr\r\nlf")),
        (.text("nul\u{0}nul"), .text("nul\u{0}nul")),
        (.text("\u{1}\u{8}\u{B}\u{C}\u{1F}\u{7F}\u{85}"), .text("\u{1}\u{8}\u{B}\u{C}\u{1F}\u{7F}\u{85}")),
        (.text("\u{FFFE}\u{FFFF}\u{FFFD}"), .text("\u{FFFE}\u{FFFF}\u{FFFD}")),
        // What Excel would take for an escape.
        (.text("_x0041_"), .text("_x0041_")),
        (.text("a_x000D_b_x00"), .text("a_x000D_b_x00")),
        (.text("__x005F__x005f_"), .text("__x005F__x005f_")),
        (.text("_X0041_ snake_case _x004_"), .text("_X0041_ snake_case _x004_")),
        // What is not UTF-8.
        (.bytes([0x61, 0xFF, 0x62]), .text("a\u{FFFD}b")),
        (.bytes([0xC0, 0xAF]), .text("\u{FFFD}\u{FFFD}")),
        (.bytes([0xED, 0xA0, 0x80]), .text("\u{FFFD}\u{FFFD}\u{FFFD}")),
        (.bytes([0x61, 0xE4, 0xB8]), .text("a\u{FFFD}")),
        (.bytes([0xF5, 0x80, 0x80, 0x80]), .text("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")),
        // Nested values.
        (.json(#"{"a":[1,2,{"b":null}]}"#), .text(#"{"a":[1,2,{"b":null}]}"#)),
        (.json("[]"), .text("[]")),
    ]

    @Test("every kind of cell is read back as it was written", arguments: XLSXEngineKind.allCases)
    func roundTrip(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("cells.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "cells", options: .with(engine))
        try writer.writeHeader(["number", "value"])
        for (index, cell) in Self.cells.enumerated() {
            try writer.write([.number(String(index)), cell.0])
        }
        let summary = try writer.finish()
        #expect(summary.rows == Self.cells.count)
        #expect(summary.warnings.repairedCells == 5)
        #expect(summary.warnings.cutCells == 0)

        try await runSuccessfully("unzip", ["-tq", path])
        let rows = try await readWorkbook(path).rows
        #expect(rows.first == [.text("number"), .text("value")])
        #expect(rows.count == Self.cells.count + 1)
        for (index, cell) in Self.cells.enumerated() where index + 1 < rows.count {
            #expect(rows[index + 1] == [.number(Double(index)), cell.1], "\(cell.0)")
        }
    }

    @Test(
        "an over-long cell is cut at 32,767 UTF-16 units, between characters, with a warning",
        arguments: XLSXEngineKind.allCases)
    func longCells(engine: XLSXEngineKind) async throws {
        let limit = 32_767
        let longest = String(repeating: "x", count: limit)
        let pairs = String(repeating: "😀", count: 20_000)
        let han = String(repeating: "楼", count: 40_000)
        let nuls = String(repeating: "\u{0}", count: 5_000)
        let directory = try TemporaryDirectory()
        let path = directory.path("long.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "long", options: .with(engine))
        try writer.writeHeader(["value"])
        for text in [longest, longest + "y", pairs, han, nuls] { try writer.write([.text(text)]) }
        #expect(try writer.finish().warnings.cutCells == 4)

        let rows = try await readWorkbook(path).rows.dropFirst().map(\.first)
        let expected = [
            longest, longest, String(repeating: "😀", count: limit / 2), String(repeating: "楼", count: limit),
            // Counted as it stands in the file, seven units each.
            String(repeating: "\u{0}", count: limit / 7),
        ]
        #expect(rows == expected.map { .text($0) })
    }

    @Test("a row may be shorter than the header, and all of it may be empty", arguments: XLSXEngineKind.allCases)
    func shortRows(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("short.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "short", options: .with(engine))
        try writer.writeHeader(["a", "b"])
        try writer.write([.text("1")])
        try writer.write([.empty, .empty])
        try writer.write([])
        try writer.write([.text("4"), .boolean(true)])
        #expect(try writer.finish().rows == 4)
        let rows = try await readWorkbook(path).rows
        #expect(rows[1] == [.text("1"), .none])
        #expect(rows[2] == [.none, .none])
        #expect(rows[3] == [.none, .none])
        #expect(rows[4] == [.text("4"), .boolean(true)])
    }
}
