/// Writes one Excel workbook, with one sheet or as many as its rows need (`XLSXOptions.rowsPerSheet`).
///
/// Header bold and frozen, filter on, columns as wide as the first rows need. The rows go to temporary files beside the
/// workbook; nothing whole is visible at `path` before `finish`. What a cell can hold is decided in `XLSXTextEncoder` and
/// `XLSXNumber`, how it gets into the file by an `XLSXEngine`.
package final class XLSXSheetWriter: SheetWriter {
    private let options: XLSXOptions
    private let engine: any XLSXEngine
    private let shaper: RowShaper?
    /// Looked at for every row, by the one thread that a writer belongs to.
    @exclusivity(unchecked) private var state = SheetWriterState.fresh
    private var captions: [String] = []
    @exclusivity(unchecked) private var table = SheetTable(captions: [])
    private var sheets = 1
    /// Of the sheets before this one.
    private var rowsBefore = 0

    /// - Parameters:
    ///   - path: where `finish` puts the file; an existing file is overwritten.
    ///   - title: any text; it becomes the document's title and, as far as Excel allows, the sheet's name.
    package init(path: String, title: String, options: XLSXOptions = XLSXOptions()) throws(SpreadsheetError) {
        self.options = options
        shaper = options.shape.changesCells ? RowShaper(options.shape) : nil
        engine =
            switch options.engine {
            case .libxlsxwriter: try LibraryEngine(path: path, title: title, options: options)
            case .stream: try StreamEngine(path: path, title: title, options: options)
            }
    }

    deinit { abandon() }

    package func writeHeader(_ captions: [String]) throws(SpreadsheetError) {
        try state.begin()
        guard captions.count <= XLSXLimits.columns else {
            throw .tooManyColumns(found: captions.count, limit: XLSXLimits.columns)
        }
        guard options.shape.columns.isEmpty || options.shape.columns.count == captions.count else {
            throw .misuse("expected \(captions.count) shapes of columns, found \(options.shape.columns.count)")
        }
        self.captions = captions
        table = SheetTable(captions: captions, shape: options.shape)
        try engine.beginSheet(captions, of: table)
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        try state.takeRow()
        if table.rows == options.rowsPerSheet { try beginNextSheet() }
        guard table.nextRow < rowsMax else { throw .tooManyRows(limit: rowsMax) }
        guard cells.count <= table.columns else {
            throw .rowTooWide(row: rowsBefore + table.rows + 1, cells: cells.count, columns: table.columns)
        }
        if let shaper {
            try shaper.shape(cells) { shaped throws(SpreadsheetError) in try put(shaped) }
        } else {
            try put(cells)
        }
        table.nextRow += 1
        state = .rows
    }

    /// A row below them is for the totals.
    private var rowsMax: Int { min(options.rowsMax, XLSXLimits.rows) - (options.shape.hasTotals ? 1 : 0) }

    @inline(__always)
    private func put(_ cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        if table.nextRow <= options.widthSampleRows { table.observe(cells) }
        try engine.write(row: cells)
    }

    private func beginNextSheet() throws(SpreadsheetError) {
        guard sheets < XLSXLimits.sheets else { throw .tooManySheets(limit: XLSXLimits.sheets) }
        try endSheet()
        sheets += 1
        rowsBefore += table.rows
        table = SheetTable(after: table)
        try engine.beginSheet(captions, of: table)
    }

    private func endSheet() throws(SpreadsheetError) {
        if let shaper { table.totals = shaper.takeTotals() }
        try engine.endSheet()
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        try state.takeEnd()
        do throws(SpreadsheetError) {
            try endSheet()
            let bytes = try engine.finish()
            state = .ended
            return SheetSummary(
                rows: rowsBefore + table.rows, columns: table.columns, bytes: bytes, warnings: engine.warnings)
        } catch {
            engine.abandon()
            throw error
        }
    }

    package func abandon() {
        guard state.giveUp() else { return }
        engine.abandon()
    }
}
