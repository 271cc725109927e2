import Glibc

/// Streams rows into a workbook whose everything else libxlsxwriter writes (`WorkbookFrame`).
///
/// Rows are XML as they come, and are compressed straight into the package: nothing is written twice. The widths of the
/// columns stand before the rows, so the package is begun when the first piece of rows is full. The dimension stands before
/// the rows too, and is not known before the end: it is in a stored block of its own, which is written once more then.
final class StreamEngine: XLSXEngine {
    /// Rows that are waited for before the widths of columns must be known.
    private static let firstPieceBytes = 1 << 20
    private static let pieceBytes = 256 * 1024

    private let path: String
    private let title: String
    private let options: XLSXOptions
    private var captions: [String] = []
    private var table = SheetTable(captions: [])
    private var rows: RowEncoder
    private var captionWarnings = SheetWarnings()
    private var sheet: SheetStream?

    init(path: String, title: String, options: XLSXOptions) throws(SpreadsheetError) {
        self.path = path
        self.title = title
        self.options = options
        rows = RowEncoder(
            columns: 0, strings: SharedStrings(first: 0, countMax: 0, bytesMax: 0), onlyRepeated: false,
            styles: [], capacity: 64)
        try WritableDirectory.check(of: path)
    }

    var warnings: SheetWarnings { captionWarnings + rows.warnings }

    func writeHeader(_ captions: [String], of table: SheetTable) throws(SpreadsheetError) {
        self.captions = captions
        self.table = table
        let strings = SharedStrings(
            first: distinctCaptions(), countMax: options.sharedStringsMax, bytesMax: options.sharedStringsBytesMax)
        rows = RowEncoder(
            columns: captions.count, strings: strings, onlyRepeated: options.compression == .small,
            styles: try styles(), capacity: Self.firstPieceBytes * 2)
    }

    func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        rows.beginRow(table.nextRow)
        for column in 0..<cells.count {
            rows.write(cells[column], column: column)
            if rows.output.count >= pieceLimit { try passOn() }
        }
        rows.endRow()
    }

    func finish() throws(SpreadsheetError) -> Int {
        do throws(SpreadsheetError) {
            let frame = try frame()
            let sheet = try sheet(in: frame)
            self.sheet = sheet
            try sheet.write(rows.output.bytes)
            let bytes = try sheet.finish(frame, rows.strings)
            self.sheet = nil
            return bytes
        } catch {
            abandon()
            throw error
        }
    }

    func abandon() {
        sheet?.abandon()
        sheet = nil
    }

    private var pieceLimit: Int { sheet == nil ? Self.firstPieceBytes : Self.pieceBytes }

    private func passOn() throws(SpreadsheetError) {
        let begun = if let sheet { sheet } else { try sheet(in: frame()) }
        sheet = begun
        try begun.write(rows.output.bytes)
        rows.output.count = 0
    }

    /// The sheet as far as it is written, or a new one.
    private func sheet(in frame: WorkbookFrame) throws(SpreadsheetError) -> SheetStream {
        if let sheet { return sheet }
        table.widthsAreFinal = true
        return try SheetStream(path: path, frame: frame.sheet, compression: options.compression)
    }

    /// The numbers that the library gives to the columns' styles; it gives the same ones every time.
    private func styles() throws(SpreadsheetError) -> [Int] {
        guard options.shape.columns.contains(where: { $0.numberFormat != nil }) else { return [] }
        let sample = SheetTable(captions: captions, shape: options.shape)
        sample.nextRow += 1
        let frame = try WorkbookFrame(path: path, title: title, captions: captions, table: sample, options: options)
        guard frame.sheet.styles.count == captions.count else {
            throw .damaged(path: path, reason: "libxlsxwriter wrote \(frame.sheet.styles.count) styles of columns")
        }
        return frame.sheet.styles
    }

    private func frame() throws(SpreadsheetError) -> WorkbookFrame {
        try WorkbookFrame(path: path, title: title, captions: captions, table: table, options: options)
    }

    /// How many texts of the header libxlsxwriter shares; the frame is checked for this number.
    private func distinctCaptions() -> Int {
        var text = XLSXCellText()
        var distinct: Set<String> = []
        for caption in options.shape.groups.map(\.caption) + captions {
            distinct.insert(String(cString: text.encode(caption, &captionWarnings)))
        }
        distinct.remove("")
        return distinct.count
    }
}
