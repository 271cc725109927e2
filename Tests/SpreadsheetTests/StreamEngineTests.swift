import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// What only the stream engine does: pieces, shared texts, a frame that is cut.
struct StreamEngineTests {
    @Test(
        "a table of many pieces is whole, whatever compresses it and whatever is shared",
        arguments: XLSXCompression.allCases, [0, 100, 262_144])
    func manyPieces(compression: XLSXCompression, sharedStringsMax: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("long.xlsx")
        var options = XLSXOptions.with(.stream, compression)
        options.sharedStringsMax = sharedStringsMax
        let writer = try XLSXSheetWriter(path: path, title: "long", options: options)
        try writer.writeHeader(["id", "same", "id", "", "other"])
        let rows = 12_000
        for row in 0..<rows { try writer.write(Self.cells(of: row)) }
        #expect(try writer.finish().rows == rows)

        try await runSuccessfully("unzip", ["-tq", path])
        let book = try await readWorkbook(path)
        #expect(book.filter == "A1:E12001" && book.dimension == "A1:E12001")
        #expect(book.rows.count == rows + 1)
        #expect(book.rows.first == [.text("id"), .text("same"), .text("id"), .none, .text("other")])
        let wrong = book.rows.dropFirst().enumerated().first { $0.element != Self.expected(of: $0.offset) }
        #expect(wrong == nil, "\(String(describing: wrong))")
    }

    private static func cells(of row: Int) -> [TestCell] {
        [
            .number("\(row)"), .text("same <text> & \(row % 7)"), .text(" text of row \(row) "),
            row.isMultiple(of: 2) ? .empty : .boolean(true), .number("\(row).5e-3"),
        ]
    }

    private static func expected(of row: Int) -> [ReadCell] {
        [
            .number(Double(row)), .text("same <text> & \(row % 7)"), .text(" text of row \(row) "),
            row.isMultiple(of: 2) ? .none : .boolean(true), .number(Double("\(row).5e-3")!),
        ]
    }

    @Test("columns that would widen after the first piece stay as they are, and a row may be several pieces")
    func wideRows() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("wide.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "wide", options: .with(.stream))
        try writer.writeHeader((0..<100).map { "column \($0)" })
        for length in [10, 30_000, 40] {
            try writer.write((0..<100).map { .text(String(repeating: "\($0 % 10)", count: length)) })
        }
        _ = try writer.finish()
        let book = try await readWorkbook(path)
        #expect(book.dimension == "A1:CV4" && book.rows.count == 4)
        #expect(book.rows[2][99] == .text(String(repeating: "9", count: 30_000)))
        #expect(book.rows[3][42] == .text(String(repeating: "2", count: 40)))
    }

    @Test("numbers keep up to the 17 digits a double is known by")
    func numbers() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("numbers.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "numbers", options: .with(.stream))
        try writer.writeHeader(["value"])
        let spellings = ["0.30000000000000004", "-1.7976931348623155e307", "0.1", "1E3", "-0", "123456789012345"]
        for spelling in spellings { try writer.write([.number(spelling)]) }
        try writer.write([.number("1234567890123456")])
        _ = try writer.finish()
        let rows = try await readWorkbook(path).rows.dropFirst().map(\.first)
        #expect(rows == spellings.map { .number(Double($0)!) } + [.text("1234567890123456")])
    }

    @Test(
        "a file is no larger than libxlsxwriter's by more than 30 %, and by nothing if it is to be small",
        arguments: [7, 3_000, 40_009, 65_521])
    func size(distinct: Int) throws {
        let directory = try TemporaryDirectory()
        func bytes(_ options: XLSXOptions) throws -> Int {
            let writer = try XLSXSheetWriter(path: directory.path("size.xlsx"), title: "size", options: options)
            try writer.writeHeader(["id", "name", "amount", "note"])
            for row in 0..<20_000 {
                // Scattered as if drawn, the same for every engine.
                let scattered = row &* 2_654_435_761 >> 8
                let amount = "\(scattered % 99_991).\(10 + scattered % 89)"
                let name = "customer \(scattered % distinct)"
                try writer.write([.number("\(row)"), .text(name), .number(amount), .text("row \(row) of many")])
            }
            return try writer.finish().bytes
        }
        let library = try bytes(.with(.libxlsxwriter))
        let fast = try bytes(.with(.stream, .fast))
        #expect(fast * 10 <= library * 13, "\(fast) against \(library)")
        let small = try bytes(.with(.stream, .small))
        #expect(small <= library, "\(small) against \(library)")
    }

    @Test(
        "a sheet that is not as libxlsxwriter writes it is not cut",
        arguments: [
            "", "<worksheet><sheetData/></worksheet>", "<worksheet><dimension ref=\"A1\"/><rows/></worksheet>",
            "<worksheet><dimension ref=\"A1:XFD1048576 A1:XFD1048576\"/><sheetData/></worksheet>",
            "<worksheet><dimension ref=\"A1\"/><sheetData><row r=\"1\"/></worksheet>",
        ])
    func strangeSheet(xml: String) {
        #expect(throws: SpreadsheetError.self) {
            try SheetFrame(Array(xml.utf8), table: SheetTable(captions: ["a"]), path: "frame")
        }
    }

    @Test("shared texts are found again, up to their limits of number and memory")
    func sharedStrings() {
        var strings = SharedStrings(first: 10, countMax: 5_000, bytesMax: 1 << 20)
        func index(_ text: String, isVerbatim: Bool = true) -> Int? {
            var text = text
            return text.withUTF8 { octets in
                let item = UnsafeRawBufferPointer(octets)
                switch strings.place(of: item, isVerbatim: isVerbatim) {
                case .found(let index): return index
                case .free(let hole):
                    return strings.take(item, into: hole, preservesSpace: false, isVerbatim: isVerbatim)
                }
            }
        }
        for round in 0..<2 {
            for number in 0..<6_000 {
                #expect(index("text \(number)") == (number < 5_000 ? 10 + number : nil), "\(round)")
            }
        }
        #expect(strings.count == 5_000 && strings.references == 10_000)

        strings = SharedStrings(first: 0, countMax: 5_000, bytesMax: 64)
        #expect(index(String(repeating: "x", count: 47)) == 0 && index("y") == nil && index("") == nil)

        // What somebody escaped is not what somebody wrote.
        strings = SharedStrings(first: 0, countMax: 5_000, bytesMax: 1_000)
        #expect(index("&amp;", isVerbatim: false) == 0 && index("&amp;", isVerbatim: true) == 1)
        #expect(index("&amp;", isVerbatim: false) == 0 && index("plain") == 2 && index("plain", isVerbatim: false) == 2)
    }

    @Test(
        "texts that need escapes, that are unique, and that come again later are all themselves",
        arguments: XLSXCompression.allCases, [50, 262_144])
    func changingColumns(compression: XLSXCompression, sharedStringsMax: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("changing.xlsx")
        var options = XLSXOptions.with(.stream, compression)
        options.sharedStringsMax = sharedStringsMax
        let traps = ["&", "&amp;", "&amp;amp;", "_x0041_", " &", "\u{1}", "牌楼", "<", "&lt;", "_"]
        // Unique for longer than a column is looked at, then repeated, then unique again.
        func texts(_ row: Int) -> [String] {
            [traps[row % traps.count], row / 9_000 == 1 ? "again \(row % 10)" : "unique & \(row)", "plain \(row)"]
        }
        let writer = try XLSXSheetWriter(path: path, title: "changing", options: options)
        try writer.writeHeader(["trap", "changing", "unique"])
        let rows = 27_000
        for row in 0..<rows { try writer.write(texts(row).map { .text($0) }) }
        _ = try writer.finish()
        let found = try await readWorkbook(path).rows.dropFirst()
        #expect(found.count == rows)
        let wrong = found.enumerated().first { $0.element != texts($0.offset).map { .text($0) } }
        #expect(wrong == nil, "\(String(describing: wrong))")
    }
}
