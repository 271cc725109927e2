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
    /// Of the sheets so far, the one under way last.
    private var tables: [SheetTable] = []
    /// A writer belongs to one thread, and nothing here calls back: rows are written without asking for that every time.
    @exclusivity(unchecked) private var rows: RowEncoder
    private var captionWarnings = SheetWarnings()
    /// Nil until the first piece of the first sheet is full.
    private var stream: WorkbookStream?
    /// The sheet under way is in the stream.
    private var isSheetBegun = false

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

    func beginSheet(_ captions: [String], of table: SheetTable) throws(SpreadsheetError) {
        tables.append(table)
        isSheetBegun = false
        guard tables.count == 1 else { return }
        self.captions = captions
        let strings = SharedStrings(
            first: distinctCaptions(), countMax: options.sharedStringsMax, bytesMax: options.sharedStringsBytesMax)
        rows = RowEncoder(
            columns: captions.count, strings: strings, onlyRepeated: options.compression == .small,
            styles: try styles(), capacity: Self.firstPieceBytes * 2)
    }

    func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        let index = tables[tables.count - 1].nextRow
        var column = 0
        repeat {
            let (next, isFull) = rows.write(cells, ofRow: index, from: column, limit: pieceLimit)
            column = next
            if isFull { try beginOrContinue().write(&rows.output) }
        } while column < cells.count
    }

    func endSheet() throws(SpreadsheetError) {
        try beginOrContinue().endSheet(frame(), &rows.output)
    }

    func finish() throws(SpreadsheetError) -> Int {
        guard let stream else { throw .misuse("expected at least one sheet in a workbook") }
        let bytes = try stream.finish(frame(of: tables), rows.strings)
        self.stream = nil
        return bytes
    }

    func abandon() {
        stream?.abandon()
        stream = nil
    }

    private var pieceLimit: Int { stream == nil ? Self.firstPieceBytes : Self.pieceBytes }

    /// The package, in which the sheet begins now at the latest.
    private func beginOrContinue() throws(SpreadsheetError) -> WorkbookStream {
        let stream = if let begun = stream { begun } else { try WorkbookStream(path: path, options.compression) }
        self.stream = stream
        if !isSheetBegun {
            tables[tables.count - 1].widthsAreFinal = true
            try stream.beginSheet(frame())
            isSheetBegun = true
        }
        return stream
    }

    /// The numbers that the library gives to the columns' styles; it gives the same ones every time.
    private func styles() throws(SpreadsheetError) -> [Int] {
        guard !options.shape.columns.isEmpty else { return [] }
        let sample = SheetTable(captions: captions, shape: options.shape)
        sample.nextRow += 1
        guard let styles = try frame(of: [sample]).sheets.first?.styles, styles.count == captions.count else {
            throw .damaged(path: path, reason: "libxlsxwriter wrote styles for other columns than there are")
        }
        return styles
    }

    /// The frame of the sheet under way. Of the sheets before it the first one decides about texts and styles that all share.
    private func frame() throws(SpreadsheetError) -> SheetFrame {
        let last = tables[tables.count - 1]
        let frame = try frame(of: tables.count == 1 ? [last] : [tables[0], last])
        return frame.sheets[frame.sheets.count - 1]
    }

    private func frame(of tables: [SheetTable]) throws(SpreadsheetError) -> WorkbookFrame {
        try WorkbookFrame(path: path, title: title, captions: captions, tables: tables, options: options)
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
