import Glibc

/// A workbook that libxlsxwriter wrote around no rows: everything of the final file but its rows.
///
/// Each sheet holds the header and sample cells in its table's last row, so that everything that depends on the number of rows
/// (dimension, filter, ranges, names) is the library's. Whatever is not in its expected place is an error: a frame is cut
/// to pieces, and a library that writes another one would give damaged files.
struct WorkbookFrame {
    static func sheetName(_ number: Int) -> String { "xl/worksheets/sheet\(number).xml" }

    static let stringsName = "xl/sharedStrings.xml"
    /// A text that no caption becomes: as a caption its underscore is escaped.
    static let sampleText = "_x0041_"

    let sheets: [SheetFrame]
    /// Nil when the workbook has no text.
    let strings: StringsFrame?
    /// All parts but these, in the library's order.
    let others: [(name: String, content: [UInt8])]

    /// - Parameter path: that of the final file; the frame is written beside it and removed.
    init(
        path: String, title: String, captions: [String], tables: [SheetTable], options: XLSXOptions
    ) throws(SpreadsheetError) {
        let framePath = path + ".frame"
        defer { unlink(framePath) }
        try Self.write(framePath, title, captions, tables, options)
        var parts = try Self.read(framePath)
        var sheets: [SheetFrame] = []
        for (index, table) in tables.enumerated() {
            let xml = try Self.take(Self.sheetName(index + 1), from: &parts, framePath)
            sheets.append(try SheetFrame(xml, table: table, path: framePath))
        }
        self.sheets = sheets
        strings =
            try parts.contains { $0.name == Self.stringsName }
            ? StringsFrame(
                Self.take(Self.stringsName, from: &parts, framePath), samples: tables.count(where: \.hasSample),
                path: framePath)
            : nil
        others = parts
    }

    private static func write(
        _ path: String, _ title: String, _ captions: [String], _ tables: [SheetTable], _ options: XLSXOptions
    ) throws(SpreadsheetError) {
        var workbook = try Workbook(path: path, title: title, mode: .wholeInMemory, options: options)
        do throws(SpreadsheetError) {
            for table in tables { try write(table, captions, options.shape, to: &workbook) }
        } catch {
            workbook.discard()
            throw error
        }
        try workbook.closeSmall()
    }

    private static func write(
        _ table: SheetTable, _ captions: [String], _ shape: SheetShape, to workbook: inout Workbook
    ) throws(SpreadsheetError) {
        var text = XLSXCellText()
        var ignored = SheetWarnings()
        try workbook.beginSheet()
        try workbook.beginHeader(&text, &ignored)
        for (column, caption) in captions.enumerated() {
            try workbook.writeCaption(text.encode(caption, &ignored), column: column)
        }
        if table.hasSample {
            for column in shape.columns.indices.dropLast() {
                try workbook.write(number: 0, row: table.lastRow, column: column)
            }
            try workbook.write(text: sampleText, row: table.lastRow, column: table.columns - 1)
        }
        try workbook.endSheet(table)
    }

    private static func read(_ path: String) throws(SpreadsheetError) -> [(name: String, content: [UInt8])] {
        var parts: [(name: String, content: [UInt8])] = []
        do {
            let reader = try ZipReader(path: path)
            try reader.forEachEntry { name in
                var content: [UInt8] = []
                try reader.read { content.append(contentsOf: $0) }
                parts.append((name, content))
            }
        } catch {
            throw .damaged(path: path, reason: "\(error)")
        }
        return parts
    }

    private static func take(
        _ name: String, from parts: inout [(name: String, content: [UInt8])], _ path: String
    ) throws(SpreadsheetError) -> [UInt8] {
        guard let index = parts.firstIndex(where: { $0.name == name }) else {
            throw .damaged(path: path, reason: "it has no \(name)")
        }
        return parts.remove(at: index).content
    }
}

extension SheetTable {
    /// The frame of the table has a row of sample cells.
    fileprivate var hasSample: Bool { rows > 0 && columns > 0 }
}
