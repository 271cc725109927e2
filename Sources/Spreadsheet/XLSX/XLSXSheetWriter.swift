import CXLSXWriter
import Glibc

/// Writes one Excel workbook with one sheet through libxlsxwriter in its constant-memory mode.
///
/// The rows go to an unlinked temporary file; the workbook itself is made by `finish`, which is why nothing is visible at
/// `path` before. Header bold and frozen, filter on, columns as wide as the first rows need. All rules about what a cell
/// can hold are in `XLSXTextEncoder` and `XLSXNumber`.
package final class XLSXSheetWriter: SheetWriter {
    private let path: String
    private let options: XLSXOptions
    private var workbook: Workbook
    private var encoder = XLSXTextEncoder()
    private var state = SheetWriterState.fresh
    private var widths = ColumnWidths(captions: [])
    private var warnings = SheetWarnings()
    private var columns = 0
    /// Rows so far, the header included: the index of the next one.
    private var nextRow = 0

    /// - Parameters:
    ///   - path: where `finish` puts the file; an existing file is overwritten.
    ///   - title: any text; it becomes the document's title and, as far as Excel allows, the sheet's name.
    package init(path: String, title: String, options: XLSXOptions = XLSXOptions()) throws(SpreadsheetError) {
        self.path = path
        self.options = options
        workbook = try Workbook(path: path, title: title, options: options)
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
        columns = captions.count
        widths = ColumnWidths(captions: captions)
        for (column, caption) in captions.enumerated() {
            var caption = caption
            let encoded = caption.withUTF8 { encoder.encode(UnsafeRawBufferPointer($0)) }
            note(encoded)
            try workbook.writeCaption(encoded.text, column: column)
        }
        nextRow = 1
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        state = .failed
        guard nextRow < min(options.rowsMax, XLSXLimits.rows) else {
            throw .tooManyRows(limit: min(options.rowsMax, XLSXLimits.rows))
        }
        guard cells.count <= columns else {
            throw .rowTooWide(row: nextRow, cells: cells.count, columns: columns)
        }
        if nextRow <= options.widthSampleRows { observeWidths(cells) }
        try NumericLocale.inside { () throws(SpreadsheetError) in
            for column in 0..<cells.count { try write(cells[column], column: column) }
        }
        nextRow += 1
        state = .rows
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        state = .failed
        let lastRow = nextRow - 1
        let bytes = try workbook.close(columns: columns, lastRow: lastRow, widths: widths)
        state = .ended
        return SheetSummary(rows: lastRow, columns: columns, bytes: bytes, warnings: warnings)
    }

    package func abandon() {
        guard state != .ended else { return }
        state = .ended
        workbook.discard()
    }

    @inline(__always)
    private func write(_ cell: Cell, column: Int) throws(SpreadsheetError) {
        switch cell {
        case .empty: break
        case .boolean(let value): try workbook.write(boolean: value, row: nextRow, column: column)
        case .number(let text):
            if let value = XLSXNumber.value(of: text) {
                try workbook.write(number: value, row: nextRow, column: column)
            } else {
                try write(text: text, column: column)
            }
        case .text(let text), .json(let text): try write(text: text, column: column)
        }
    }

    @inline(__always)
    private func write(text: UnsafeRawBufferPointer, column: Int) throws(SpreadsheetError) {
        let encoded = encoder.encode(text)
        if encoded.isCut || encoded.isRepaired { note(encoded) }
        try workbook.write(text: encoded.text, row: nextRow, column: column)
    }

    private func note(_ encoded: XLSXTextEncoder.Encoded) {
        if encoded.isCut { warnings.cutCells += 1 }
        if encoded.isRepaired { warnings.repairedCells += 1 }
    }

    private func observeWidths(_ cells: UnsafeBufferPointer<Cell>) {
        for column in 0..<cells.count {
            switch cells[column] {
            case .number(let text), .text(let text), .json(let text): widths.observe(text, column: column)
            case .empty, .boolean: break
            }
        }
    }
}
