/// Writes every cell through libxlsxwriter in its constant-memory mode.
///
/// The rows of each sheet go to an unlinked temporary file; the workbook itself is made by `finish`.
final class LibraryEngine: XLSXEngine {
    private(set) var warnings = SheetWarnings()
    private var workbook: Workbook
    private var table = SheetTable(captions: [])
    private var text = XLSXCellText()

    init(path: String, title: String, options: XLSXOptions) throws(SpreadsheetError) {
        workbook = try Workbook(path: path, title: title, mode: .constantMemory, options: options)
    }

    func beginSheet(_ captions: [String], of table: SheetTable) throws(SpreadsheetError) {
        self.table = table
        try workbook.beginSheet()
        try workbook.beginHeader(&text, &warnings)
        for (column, caption) in captions.enumerated() {
            try workbook.writeCaption(text.encode(caption, &warnings), column: column)
        }
    }

    func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        try NumericLocale.inside { () throws(SpreadsheetError) in
            for column in 0..<cells.count { try write(cells[column], column: column) }
        }
    }

    func endSheet() throws(SpreadsheetError) { try workbook.endSheet(table) }

    func finish() throws(SpreadsheetError) -> Int { try workbook.close() }

    func abandon() { workbook.discard() }

    @inline(__always)
    private func write(_ cell: Cell, column: Int) throws(SpreadsheetError) {
        switch cell {
        case .empty: break
        case .boolean(let value): try workbook.write(boolean: value, row: table.nextRow, column: column)
        case .number(let spelling):
            if let value = XLSXNumber.value(of: spelling) {
                try workbook.write(number: value, row: table.nextRow, column: column)
            } else {
                try write(spelling, column: column)
            }
        case .text(let text), .json(let text): try write(text, column: column)
        }
    }

    @inline(__always)
    private func write(_ bytes: UnsafeRawBufferPointer, column: Int) throws(SpreadsheetError) {
        try workbook.write(text: text.encode(bytes, &warnings), row: table.nextRow, column: column)
    }
}
