import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// Columns that are shown as somebody asked, by each engine, read by openpyxl and LibreOffice.
struct ShapeTests {
    private static let shape: SheetShape = {
        var shape = SheetShape()
        shape.columns = [
            ColumnShape(kind: .text, group: "Who"), ColumnShape(kind: .integer, group: "Who", total: .count),
            ColumnShape(kind: .decimal(2), width: 33, total: .sum), ColumnShape(kind: .percent, total: .average),
            ColumnShape(kind: .money(symbol: "¥"), group: "What", total: .max), ColumnShape(kind: .date(timeZone: nil)),
            ColumnShape(kind: .dateTime(timeZone: "Asia/Shanghai"), group: "When"), ColumnShape(total: .min),
        ]
        shape.name = "Sums"
        shape.frozenColumns = 1
        return shape
    }()

    private static let captions = ["id", "n", "dec", "pct", "money", "day", "at", "any"]

    private static let rows: [[TestCell]] = [
        [
            .number("007e0"), .text("12"), .text("1.005"), .number("0.125"), .number("1234.5"), .text("2024-02-29"),
            .text("2024-02-29T23:30:00Z"), .number("5"),
        ],
        [
            .number("42"), .number("7"), .number("2.5"), .text("n/a"), .text("99"), .text("2024-02-30"),
            .number("1700000000"), .text("x"),
        ],
        [
            .text("=1"), .text("012"), .empty, .number("0.375"), .empty, .number("1700000000000"),
            .text("2021-07-01 08:00:00.25+02:00"), .boolean(true),
        ],
    ]

    private struct Found: Decodable, Equatable {
        var cells: [[String]]
        var formats: [String]
        var formulas: [String]
        var merged: [String]
        var freeze: String?
        var filter: String?
        var sheet: String
        var width: Double
    }

    private func found(_ path: String) async throws -> Found {
        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        let output = try await runSuccessfully(python, ["-c", script, path]).standardOutput
        return try JSONDecoder().decode(Found.self, from: Data(output.utf8))
    }

    private func write(_ rows: [[TestCell]], to path: String, _ options: XLSXOptions) throws {
        let writer = try XLSXSheetWriter(path: path, title: "t", options: options)
        try writer.writeHeader(Self.captions)
        for row in rows { try writer.write(row) }
        #expect(try writer.finish().rows == rows.count)
    }

    @Test(arguments: XLSXEngineKind.allCases, [0, 262_144])
    func columnsAreWhatWasAskedFor(engine: XLSXEngineKind, sharedStringsMax: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("shaped.xlsx")
        var options = XLSXOptions.with(engine)
        options.shape = Self.shape
        options.sharedStringsMax = sharedStringsMax
        try write(Self.rows, to: path, options)
        try await runSuccessfully("unzip", ["-tq", path])
        let found = try await found(path)
        #expect(found.cells[0] == ["Who", "-", "-", "-", "What", "-", "When", "-"])
        #expect(found.cells[1] == Self.captions)
        #expect(
            found.cells[2] == [
                "007e0", "12", "1.005", "0.125", "1234.5", "2024-02-29 00:00:00", "2024-03-01 07:30:00", "5",
            ])
        #expect(
            found.cells[3] == ["42", "7", "2.5", "n/a", "99", "2024-02-30", "2023-11-15 06:13:20", "x"])
        #expect(
            found.cells[4] == [
                "=1", "012", "-", "0.375", "-", "2023-11-14 00:00:00", "2021-07-01 14:00:00.250000", "True",
            ])
        #expect(found.cells[5] == ["-", "3", "3.505", "0.25", "1234.5", "-", "-", "5"])
        #expect(
            found.formulas == [
                "-", "=COUNTA(B3:B5)", "=SUM(C3:C5)", "=AVERAGE(D3:D5)", "=MAX(E3:E5)", "-", "-", "=MIN(H3:H5)",
            ])
        #expect(
            found.formats
                == [
                    "@", "0", "0.00", "0.00%", "\"¥\"#,##0.00", "yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd\\ hh:mm:ss",
                    "General",
                ].map { $0.replacing("\\", with: "") })
        #expect(found.merged == ["A1:B1"])
        #expect(found.freeze == "B3" && found.filter == "A2:H5" && found.sheet == "Sums")
        #expect(found.width.rounded(.down) == 33)
    }

    private func sums(of cells: [[TestCell]], symbol: String = "¥") async throws -> Found {
        let directory = try TemporaryDirectory()
        let path = directory.path("sums.xlsx")
        var options = XLSXOptions()
        options.shape.columns = [
            ColumnShape(total: .sum), ColumnShape(kind: .money(symbol: symbol), total: .average),
            ColumnShape(total: .max), ColumnShape(total: .count),
        ]
        let writer = try XLSXSheetWriter(path: path, title: "t", options: options)
        try writer.writeHeader(["a", "b", "c", "d"])
        for row in cells { try writer.write(row) }
        _ = try writer.finish()
        return try await found(path)
    }

    @Test func aTotalThatNoNumberHoldsSaysSo() async throws {
        let row = Array(repeating: TestCell.number("9e307"), count: 4)
        let found = try await sums(of: [row, row, row])
        #expect(found.cells.last == ["#NUM!", "#NUM!", "9e+307", "3"])
    }

    @Test func aTotalIsThatOfTheNumberCells() async throws {
        let row = Array(repeating: TestCell.number("0.30000000000000004"), count: 4)
        let found = try await sums(of: [row])
        #expect(found.cells.last == ["0.3", "0.3", "0.3", "1"])
    }

    @Test(arguments: ["\"", "\"\u{301}", "a\u{1}", "\u{FFFF}"])
    func noSymbolSpoilsTheWorkbook(symbol: String) async throws {
        let found = try await sums(of: [[.number("1"), .number("2"), .number("3"), .number("4")]], symbol: symbol)
        #expect(found.cells[1] == ["1", "2", "3", "4"])
    }

    @Test(arguments: XLSXEngineKind.allCases) func aShapedSheetMayBeEmpty(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("empty.xlsx")
        var options = XLSXOptions.with(engine)
        options.shape = Self.shape
        options.shape.hasFilter = false
        options.shape.freezesHeader = false
        options.shape.frozenColumns = 0
        try write([], to: path, options)
        let found = try await found(path)
        #expect(found.cells.count == 2 && found.filter == nil && found.freeze == nil)
    }

    @Test(arguments: XLSXEngineKind.allCases) func officeReadsTheKinds(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        var options = XLSXOptions.with(engine)
        options.shape = Self.shape
        try write(Self.rows, to: directory.path("shaped.xlsx"), options)
        try await runSuccessfully(
            "soffice",
            [
                "-env:UserInstallation=file://\(directory.path("profile"))", "--headless", "--norestore",
                "--convert-to", "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false", "--outdir",
                directory.path as String, directory.path("shaped.xlsx"),
            ], within: .seconds(120))
        let text = try String(contentsOfFile: directory.path("shaped.csv"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(lines[2] == ["007e0", "12", "1.005", "12.5%", "1234.5", "2024-02-29", "2024-03-01 07:30:00", "5"])
        #expect(lines[5].dropLast() == ["", "3", "3.505", "25%", "1234.5", "", ""])
    }

    @Test(
        arguments: [
            ("1900-03-01", "61"), ("1900-02-28", nil), ("9999-12-31T23:59:59", "2958465.999988426"),
            ("2024-13-01", nil),
            ("2024-01-01T12", nil), ("2024-01-01 12:00", "45292.5"), ("2024-01-01T00:00:00.001", "45292.000000012"),
            ("2024-01-01T00:00:00+08:00", "45292"), ("2024-01-01x", nil), ("", nil), ("2024-1-1", nil),
        ] as [(String, String?)])
    func timesAreDays(text: String, expected: String?) {
        let time = ExcelTime(zone: nil, isDate: false)
        var output = [UInt8](repeating: 0, count: 32)
        let bytes = Array(text.utf8)
        let count = output.withUnsafeMutableBytes { output in bytes.withUnsafeBytes { time.write($0, into: output) } }
        #expect(count == 0 ? expected == nil : String(decoding: output.prefix(count), as: UTF8.self) == expected)
    }
}

private let script = """
    import json, sys, openpyxl
    values = openpyxl.load_workbook(sys.argv[1], data_only=True).worksheets[0]
    sheet = openpyxl.load_workbook(sys.argv[1]).worksheets[0]
    text = lambda value: "-" if value is None else str(value)
    last = sheet[sheet.max_row]
    print(json.dumps({
        "cells": [[text(cell.value) for cell in row] for row in values.iter_rows()],
        "formats": [cell.number_format.replace("\\\\", "") for cell in sheet[3]] if sheet.max_row > 2 else [],
        "formulas": [text(cell.value) for cell in last],
        "merged": sorted(str(r) for r in sheet.merged_cells.ranges),
        "freeze": sheet.freeze_panes, "filter": sheet.auto_filter.ref, "sheet": sheet.title,
        "width": sheet.column_dimensions["C"].width,
    }))
    """
