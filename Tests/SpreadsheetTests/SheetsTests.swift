import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// Workbooks of several sheets, by each engine, read by openpyxl, calamine and LibreOffice.
struct SheetsTests {
    private static let shape: SheetShape = {
        var shape = SheetShape()
        shape.columns = [
            ColumnShape(kind: .text, group: "Who", total: .count), ColumnShape(group: "Who"),
            ColumnShape(kind: .decimal(2), total: .sum), ColumnShape(kind: .date(timeZone: nil)),
        ]
        shape.name = "People"
        shape.frozenColumns = 1
        return shape
    }()

    private static let captions = ["id", "name", "sum", "day"]

    private static func row(_ index: Int) -> [TestCell] {
        [.number("00\(index)"), .text("name \(index % 3) & <so>"), .number("\(index).5"), .text("2024-02-29")]
    }

    /// What openpyxl finds in one sheet.
    private struct Found: Decodable, Equatable {
        var name: String
        var cells: [[String]]
        var totals: [String]
        var merged: [String]
        var freeze: String?
        var filter: String?
        var dimension: String
        var bold: [Bool]
        var widths: [Double]
        var formats: [String]
    }

    private static func write(
        _ rows: Int, perSheet: Int, to path: String, _ options: XLSXOptions, row: (Int) -> [TestCell] = row
    ) throws -> SheetSummary {
        var options = options
        options.rowsPerSheet = perSheet
        let writer = try XLSXSheetWriter(path: path, title: "sheets", options: options)
        try writer.writeHeader(captions)
        for index in 0..<rows { try writer.write(row(index)) }
        return try writer.finish()
    }

    @Test("every sheet has what the first one has", arguments: XLSXEngineKind.allCases, [0, 262_144])
    func alike(engine: XLSXEngineKind, sharedStringsMax: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("sheets.xlsx")
        var options = XLSXOptions.with(engine)
        options.shape = Self.shape
        options.sharedStringsMax = sharedStringsMax
        #expect(try Self.write(7, perSheet: 3, to: path, options).rows == 7)
        try await runSuccessfully("unzip", ["-tq", path])

        let python = try await pythonWithPackages(["openpyxl==3.1.5", "python-calamine==0.3.1"])
        let output = try await runSuccessfully(python, ["-c", script, path]).standardOutput
        let sheets = try JSONDecoder().decode([Found].self, from: Data(output.utf8))
        #expect(sheets.map(\.name) == ["People", "People 2", "People 3"])
        for (sheet, rows) in zip(sheets, [0..<3, 3..<6, 6..<7]) {
            let last = 2 + rows.count
            #expect(sheet.cells[0] == ["Who", "-", "-", "-"] && sheet.cells[1] == Self.captions)
            #expect(
                sheet.cells[2..<last].elementsEqual(
                    rows.map { ["00\($0)", "name \($0 % 3) & <so>", "\($0).5", "2024-02-29 00:00:00"] }))
            let sum = rows.reduce(0) { $0 + Double($1) + 0.5 }
            #expect(Double(sheet.cells[last][2]) == sum && sheet.cells[last][0] == "\(rows.count)")
            let range = rows.count == 1 ? "3" : "3:%\(last)"
            #expect(
                sheet.totals
                    == ["=COUNTA(A\(range))", "-", "=SUM(C\(range))", "-"].enumerated().map {
                        $1.replacing("%", with: $0 == 0 ? "A" : "C")
                    })
            #expect(sheet.merged == ["A1:B1"] && sheet.freeze == "B3" && sheet.filter == "A2:D\(last)")
            #expect(sheet.dimension == "A1:D\(last + 1)")
            #expect(sheet.bold == [true, true, true, true] && sheet.widths == sheets[0].widths)
            #expect(sheet.formats == ["@", "General", "0.00", "yyyy-mm-dd"])
        }
        #expect(sheets.count == 3)
    }

    @Test("all sheets are read by calamine and LibreOffice", arguments: XLSXEngineKind.allCases)
    func otherReaders(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("sheets.xlsx")
        _ = try Self.write(7, perSheet: 3, to: path, .with(engine))
        let python = try await pythonWithPackages(["openpyxl==3.1.5", "python-calamine==0.3.1"])
        let output = try await runSuccessfully(python, ["-c", calamineScript, path]).standardOutput
        let expected = (0..<7).map { ["00\($0)", "name \($0 % 3) & <so>", "\($0).5", "2024-02-29"] }
        let found = try JSONDecoder().decode([String: [[String]]].self, from: Data(output.utf8))
        for (number, rows) in [0..<3, 3..<6, 6..<7].enumerated() {
            #expect(found["Sheet\(number + 1)"] == [Self.captions] + expected[rows])
        }
        // The last field: every sheet, into a file of its own.
        try await runSuccessfully(
            "soffice",
            [
                "-env:UserInstallation=file://\(directory.path("profile"))", "--headless", "--norestore",
                "--convert-to", "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false,false,false,-1",
                "--outdir", directory.path as String, path,
            ], within: .seconds(120))
        for (number, rows) in [0..<3, 3..<6, 6..<7].enumerated() {
            let text = try String(contentsOfFile: directory.path("sheets-Sheet\(number + 1).csv"), encoding: .utf8)
            let lines = text.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            #expect(lines == [Self.captions] + expected[rows])
        }
    }

    @Test(
        "sheets of many pieces share their texts and are whole", arguments: XLSXCompression.allCases, [40_000, 30_000])
    func manyPieces(compression: XLSXCompression, perSheet: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("long.xlsx")
        let rows = 60_000 + perSheet % 40_000
        let summary = try Self.write(rows, perSheet: perSheet, to: path, .with(.stream, compression)) { row in
            [.number("\(row)"), .text("same \(row % 7)"), .text("text of row \(row)"), .boolean(true)]
        }
        #expect(summary.rows == rows)
        let script = """
            import sys
            from python_calamine import CalamineWorkbook
            book = CalamineWorkbook.from_path(sys.argv[1])
            sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
            assert [len(sheet) for sheet in sheets] == [int(n) + 1 for n in sys.argv[2:]], [len(s) for s in sheets]
            rows = [row for sheet in sheets for row in sheet[1:]]
            for n, row in enumerate(rows):
                assert row == [n, "same %d" % (n % 7), "text of row %d" % n, True], row
            """
        let python = try await pythonWithPackages(["openpyxl==3.1.5", "python-calamine==0.3.1"])
        // 90,000 rows are three sheets of 30,000 and no fourth one that is empty.
        let sizes = perSheet == 40_000 ? ["40000", "20000"] : ["30000", "30000", "30000"]
        try await runSuccessfully(python, ["-c", script, path] + sizes)
    }

    @Test("255 sheets are written, one more is refused and leaves nothing", arguments: XLSXEngineKind.allCases)
    func sheetLimit(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("many.xlsx")
        #expect(try Self.write(255, perSheet: 1, to: path, .with(engine)).rows == 255)
        try await runSuccessfully("unzip", ["-tq", path])

        let other = directory.path("more.xlsx")
        #expect(throws: SpreadsheetError.tooManySheets(limit: 255)) {
            try Self.write(256, perSheet: 1, to: other, .with(engine))
        }
        #expect(FileManager.default.fileExists(atPath: path) && !FileManager.default.fileExists(atPath: other))
    }
}

private let script = """
    import json, sys, openpyxl
    values = openpyxl.load_workbook(sys.argv[1], data_only=True)
    book = openpyxl.load_workbook(sys.argv[1])
    lazy = openpyxl.load_workbook(sys.argv[1], read_only=True)
    text = lambda value: "-" if value is None else str(value)
    print(json.dumps([{
        "name": sheet.title,
        "cells": [[text(cell.value) for cell in row] for row in values[sheet.title].iter_rows()],
        "totals": [text(cell.value) for cell in sheet[sheet.max_row]],
        "merged": sorted(str(r) for r in sheet.merged_cells.ranges),
        "freeze": sheet.freeze_panes, "filter": sheet.auto_filter.ref,
        "dimension": lazy[sheet.title].calculate_dimension(),
        "bold": [bool(cell.font.b) for cell in sheet[2]],
        "widths": [sheet.column_dimensions[c].width for c in "ABCD"],
        "formats": [cell.number_format.replace("\\\\", "") for cell in sheet[3]],
    } for sheet in book]))
    """

private let calamineScript = """
    import json, sys
    from python_calamine import CalamineWorkbook
    book = CalamineWorkbook.from_path(sys.argv[1])
    print(json.dumps({
        name: [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        for name in book.sheet_names}))
    """
