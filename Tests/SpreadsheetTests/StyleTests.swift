import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// What cells look like, by each engine, read by openpyxl and LibreOffice.
struct StyleTests {
    private static let shape: SheetShape = {
        var shape = SheetShape()
        shape.columns = [
            ColumnShape(), ColumnShape(kind: .decimal(2), total: .sum), ColumnShape(kind: .date(timeZone: nil)),
        ]
        shape.columns[0].formatCode = "#,##0"
        shape.columns[2].formatCode = "dd.mm.yyyy"
        shape.style.header.fontName = "Arial"
        shape.style.header.fontSize = 12
        shape.style.header.color = 0xFFFFFF
        shape.style.header.fill = 0x1F4E78
        shape.style.header.alignment = .center
        shape.style.header.wrapsText = true
        shape.style.headerHeight = 30
        shape.style.cells.fontName = "Courier New"
        shape.style.cells.isItalic = true
        shape.style.cells.hasBorder = true
        shape.style.totals.fill = 0
        return shape
    }()

    private struct Look: Decodable, Equatable {
        var font: String
        var size: Double
        var bold: Bool
        var italic: Bool
        var color: String?
        var fill: String?
        var align: String?
        var border: String?
        var format: String
    }

    private struct Found: Decodable {
        var rows: [[Look]]
        var heights: [Double?]
        var values: [[String]]
    }

    @Test("cells look as they should", arguments: XLSXEngineKind.allCases, [nil, 2])
    func looks(engine: XLSXEngineKind, rowsPerSheet: Int?) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("styled.xlsx")
        var options = XLSXOptions.with(engine)
        options.shape = Self.shape
        options.rowsPerSheet = rowsPerSheet
        let writer = try XLSXSheetWriter(path: path, title: "styled", options: options)
        try writer.writeHeader(["a", "b", "c"])
        for _ in 0..<2 { try writer.write([.number("1234"), .number("2.5"), .text("2024-02-29")]) }
        _ = try writer.finish()
        try await runSuccessfully("unzip", ["-tq", path])

        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        let output = try await runSuccessfully(python, ["-c", script, path]).standardOutput
        let found = try JSONDecoder().decode(Found.self, from: Data(output.utf8))
        #expect(found.heights == [30, nil, nil, nil])
        let header = Look(
            font: "Arial", size: 12, bold: true, italic: false, color: "FFFFFFFF", fill: "FF1F4E78", align: "center",
            format: "General")
        #expect(found.rows[0] == [header, header, header])
        var cell = Look(
            font: "Courier New", size: 11, bold: false, italic: true, border: "thin", format: "#,##0")
        let formats = ["#,##0", "0.00", "dd.mm.yyyy"]
        for (column, format) in formats.enumerated() {
            cell.format = format
            #expect(found.rows[1][column] == cell && found.rows[2][column] == cell)
        }
        #expect(
            found.rows[3][1]
                == Look(font: "Calibri", size: 11, bold: true, italic: false, fill: "FF000000", format: "0.00"))
        #expect(found.values[1] == ["1234", "2.5", "2024-02-29 00:00:00"])
    }

    @Test("a sheet without a style is plain", arguments: XLSXEngineKind.allCases)
    func plain(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("plain.xlsx")
        let writer = try XLSXSheetWriter(path: path, title: "plain", options: .with(engine))
        try writer.writeHeader(["a"])
        try writer.write([.number("1")])
        _ = try writer.finish()
        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        let output = try await runSuccessfully(python, ["-c", script, path]).standardOutput
        let found = try JSONDecoder().decode(Found.self, from: Data(output.utf8))
        var look = Look(font: "Calibri", size: 11, bold: true, italic: false, format: "General")
        #expect(found.rows[0] == [look])
        look.bold = false
        #expect(found.rows[1] == [look] && found.heights == [nil, nil])
    }
}

private let script = """
    import json, sys, openpyxl
    sheet = openpyxl.load_workbook(sys.argv[1]).worksheets[0]
    def look(cell):
        color, fill = cell.font.color, cell.fill
        return {
            "font": cell.font.name, "size": cell.font.sz, "bold": bool(cell.font.b), "italic": bool(cell.font.i),
            "color": color.rgb if color is not None and color.type == "rgb" else None,
            "fill": fill.fgColor.rgb if fill.fill_type == "solid" else None,
            "align": cell.alignment.horizontal, "border": cell.border.left.style,
            "format": cell.number_format.replace("\\\\", "")}
    print(json.dumps({
        "rows": [[look(cell) for cell in row] for row in sheet.iter_rows()],
        "heights": [sheet.row_dimensions[row + 1].height for row in range(sheet.max_row)],
        "values": [[str(cell.value) for cell in row] for row in sheet.iter_rows()]}))
    """
