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

    /// - Parameters:
    ///   - path: where `finish` puts the file; an existing file is overwritten.
    ///   - title: any text; it becomes the document's title and, as far as Excel allows, the sheet's name.
    package init(path: String, title: String, options: XLSXOptions = XLSXOptions()) throws(SpreadsheetError) {
        self.options = options
        engine =
            switch options.engine {
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
        state = .failed
        table = SheetTable(captions: captions)
        try engine.writeHeader(captions, of: table)
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        state = .failed
        guard table.nextRow < min(options.rowsMax, XLSXLimits.rows) else {
            throw .tooManyRows(limit: min(options.rowsMax, XLSXLimits.rows))
        }
        guard cells.count <= table.columns else {
            throw .rowTooWide(row: table.nextRow, cells: cells.count, columns: table.columns)
        }
        if table.nextRow <= options.widthSampleRows { table.observe(cells) }
        try engine.write(row: cells)
        table.nextRow += 1
        state = .rows
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        state = .failed
        let bytes = try engine.finish()
        state = .ended
        return SheetSummary(rows: table.lastRow, columns: table.columns, bytes: bytes, warnings: engine.warnings)
    }

    package func abandon() {
        guard state != .ended else { return }
        state = .ended
        engine.abandon()
    }
}
