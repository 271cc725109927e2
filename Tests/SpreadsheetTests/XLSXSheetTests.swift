import Foundation
import Spreadsheet
import TestSupport
import Testing

/// What stands around the cells: header, filter, widths, names, limits, and the order of calls.
struct XLSXSheetTests {
    @Test(
        "the header is bold and frozen, the filter covers the table, columns fit the header and the first rows",
        arguments: XLSXEngineKind.allCases)
    func decoration(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("decoration.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "季度/报告", options: .with(engine))
        try writer.writeHeader(["id", "一个相当长的标题行", "text", ""])
        for index in 0..<3 {
            try writer.write([.number("\(index)"), .text("x"), .text(String(repeating: "漢", count: 15))])
        }
        _ = try writer.finish()

        let book = try await readWorkbook(path)
        #expect(book.boldHeader == [true, true, true, true])
        #expect(book.freeze == "A2")
        #expect(book.filter == "A1:D4")
        #expect(book.sheet == "季度_报告")
        #expect(book.title == "季度/报告")
        #expect(book.creator == "pailou")
        // libxlsxwriter adds the cell's padding of 0.71 characters.
        #expect(book.widths.map { $0.rounded(.down) } == [8, 22, 32, 8])
    }

    @Test("a table without rows is a table", arguments: XLSXEngineKind.allCases)
    func noRows(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("empty.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "", options: .with(engine))
        try writer.writeHeader(["only"])
        #expect(try writer.finish().rows == 0)
        let book = try await readWorkbook(path)
        #expect(book.rows == [[.text("only")]])
        #expect(book.filter == "A1")
        #expect(book.sheet == "Sheet1")
    }

    @Test("16,384 columns are written, one more is refused", arguments: XLSXEngineKind.allCases)
    func columnLimit(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let captions = (1...16_384).map(String.init)
        let writer = try XLSXSheetWriter(path: directory.path("wide.xlsx"), title: "wide", options: .with(engine))
        try writer.writeHeader(captions)
        try writer.write(captions.map { .text($0) })
        #expect(try writer.finish().columns == 16_384)
        #expect(try await outline(directory.path("wide.xlsx")) == "2 16384 1 16384")
        try await expectPackage(directory.path("wide.xlsx"))

        let wider = try XLSXSheetWriter(path: directory.path("wider.xlsx"), title: "wider", options: .with(engine))
        #expect(throws: SpreadsheetError.tooManyColumns(found: 16_385, limit: 16_384)) {
            try wider.writeHeader(captions + ["one more"])
        }
    }

    @Test("1,048,575 rows below the header are written, one more is refused", arguments: XLSXEngineKind.allCases)
    func rowLimit(engine: XLSXEngineKind) throws {
        let directory = try TemporaryDirectory()
        let writer = try XLSXSheetWriter(path: directory.path("long.xlsx"), title: "long", options: .with(engine))
        try writer.writeHeader(["a"])
        let empty = UnsafeBufferPointer<Cell>(start: nil, count: 0)
        for _ in 1..<1_048_575 { try writer.write(row: empty) }
        try writer.write([.text("last")])
        let error = #expect(throws: SpreadsheetError.self) { try writer.write(row: empty) }
        #expect(error == .tooManyRows(limit: 1_048_576))
        #expect(error?.description == "a sheet holds at most 1048576 rows with its header, one more was written")
    }

    /// What calamine sees: rows, columns, the first cell and the last.
    private func outline(_ path: String) async throws -> String {
        let script = """
            import sys
            from python_calamine import CalamineWorkbook
            rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python(skip_empty_area=False)
            print(len(rows), len(rows[0]), rows[0][0], rows[-1][-1])
            """
        let python = try await pythonWithPackages(["python-calamine==0.3.1"])
        let result = try await runSuccessfully(python, ["-c", script, path], within: .seconds(120))
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }

    /// A sound zip of the parts that ECMA-376 knows (part 1, annex of part names, and part 2), each of the type it says.
    private func expectPackage(_ path: String) async throws {
        try await runSuccessfully("unzip", ["-tq", path])
        let listed = try await runSuccessfully("unzip", ["-Z1", path]).standardOutput
        let names = Set(listed.split(separator: "\n").map(String.init))
        let known: Set = [
            "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml", "xl/theme/theme1.xml",
            "xl/worksheets/sheet1.xml",
        ]
        #expect(
            names.isSubset(of: known) && names.isSuperset(of: known.subtracting(["xl/sharedStrings.xml"])), "\(names)")
        // unzip takes a name in brackets for a pattern.
        let types = try await runSuccessfully("unzip", ["-p", path, "\\[Content_Types\\].xml"]).standardOutput
        for name in names where !name.hasSuffix(".rels") && !name.hasPrefix("[") {
            #expect(types.contains("PartName=\"/\(name)\""), "\(name) in \(types)")
        }
    }

    @Test("a row wider than the header is refused by its number", arguments: XLSXEngineKind.allCases)
    func wideRow(engine: XLSXEngineKind) throws {
        let directory = try TemporaryDirectory()
        let writer = try XLSXSheetWriter(path: directory.path("row.xlsx"), title: "row", options: .with(engine))
        try writer.writeHeader(["a"])
        try writer.write([.text("1")])
        #expect(throws: SpreadsheetError.rowTooWide(row: 2, cells: 2, columns: 1)) {
            try writer.write([.text("1"), .text("2")])
        }
        // After an error nothing but abandoning is left.
        #expect(throws: SpreadsheetError.self) { try writer.finish() }
    }

    @Test("calls out of order are refused", arguments: XLSXEngineKind.allCases)
    func order(engine: XLSXEngineKind) throws {
        let directory = try TemporaryDirectory()
        let writer = try XLSXSheetWriter(path: directory.path("order.xlsx"), title: "order", options: .with(engine))
        #expect(throws: SpreadsheetError.self) { try writer.write([.empty]) }
        #expect(throws: SpreadsheetError.self) { try writer.finish() }
        try writer.writeHeader(["a"])
        #expect(throws: SpreadsheetError.self) { try writer.writeHeader(["a"]) }
        _ = try writer.finish()
        #expect(throws: SpreadsheetError.self) { try writer.finish() }
        writer.abandon()
        #expect(FileManager.default.fileExists(atPath: directory.path("order.xlsx")))
    }

    @Test("a directory that is not there is named in the error", arguments: XLSXEngineKind.allCases)
    func noDirectory(engine: XLSXEngineKind) throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: SpreadsheetError.self) {
            try XLSXSheetWriter(path: directory.path("missing/a.xlsx"), title: "a", options: .with(engine))
        }
        #expect(error?.description.contains(directory.path("missing")) == true)
    }
}
