/// Writes one Excel workbook with one sheet.
///
/// Header bold and frozen, filter on, columns as wide as the first rows need. The rows go to temporary files beside the
/// workbook; nothing whole is visible at `path` before `finish`. What a cell can hold is decided in `XLSXTextEncoder` and
/// `XLSXNumber`, how it gets into the file by an `XLSXEngine`.
package final class XLSXSheetWriter: SheetWriter {
    private let options: XLSXOptions
    private let engine: any XLSXEngine
    private var state = SheetWriterState.fresh
    private var table = SheetTable(captions: [])
    private let shaper: RowShaper?

    /// - Parameters:
    ///   - path: where `finish` puts the file; an existing file is overwritten.
    ///   - title: any text; it becomes the document's title and, as far as Excel allows, the sheet's name.
    package init(path: String, title: String, options: XLSXOptions = XLSXOptions()) throws(SpreadsheetError) {
        self.options = options
        shaper = options.shape.columns.isEmpty ? nil : RowShaper(options.shape)
        // What libxlsxwriter writes of a row of formulas in constant memory is not what it says beforehand, so that a full
        // disk could not be told from a good file.
        let kind = options.shape.hasTotals ? .stream : options.engine
        engine =
            switch kind {
            case .libxlsxwriter: try LibraryEngine(path: path, title: title, options: options)
            case .stream: try StreamEngine(path: path, title: title, options: options)
            }
    }

    deinit { abandon() }

    package func writeHeader(_ captions: [String]) throws(SpreadsheetError) {
        guard state == .fresh else {
            throw .misuse("expected one header before the rows, found another call before it")
        }
        guard captions.count <= XLSXLimits.columns else {
            throw .tooManyColumns(found: captions.count, limit: XLSXLimits.columns)
        }
        guard shaper == nil || options.shape.columns.count == captions.count else {
            throw .misuse("expected \(captions.count) shapes of columns, found \(options.shape.columns.count)")
        }
        state = .failed
        table = SheetTable(captions: captions, shape: options.shape)
        try engine.writeHeader(captions, of: table)
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        state = .failed
        guard table.nextRow < rowsMax else { throw .tooManyRows(limit: rowsMax) }
        guard cells.count <= table.columns else {
            throw .rowTooWide(row: table.rows + 1, cells: cells.count, columns: table.columns)
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

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        state = .failed
        if let shaper {
            table.totals = options.shape.columns.enumerated().compactMap { column, shape in
                shape.total.map { TotalCell(column: column, total: $0, value: shaper.totals[column].value(of: $0)) }
            }
        }
        let bytes = try engine.finish()
        state = .ended
        return SheetSummary(rows: table.rows, columns: table.columns, bytes: bytes, warnings: engine.warnings)
    }

    package func abandon() {
        guard state != .ended else { return }
        state = .ended
        engine.abandon()
    }
}
