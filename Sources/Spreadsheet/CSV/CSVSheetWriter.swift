/// Writes RFC 4180: commas (or another separator), CR LF, quotes where needed and doubled inside; always UTF-8.
///
/// Numbers keep their own spelling, booleans are `true` and `false`, nested values their JSON text. `null` and the empty
/// string look the same, as CSV has no word for either.
package final class CSVSheetWriter: SheetWriter {
    private let path: String
    private let options: CSVOptions
    private var file: FileSink
    private var state = SheetWriterState.fresh
    private var warnings = SheetWarnings()
    private var columns = 0
    private var rows = 0

    /// Creates the file; an existing one is overwritten.
    package init(path: String, options: CSVOptions = CSVOptions()) throws(SpreadsheetError) {
        self.path = path
        self.options = options
        file = try FileSink(path: path)
        if options.byteOrderMark { file.append([0xEF, 0xBB, 0xBF]) }
    }

    deinit { abandon() }

    package func writeHeader(_ captions: [String]) throws(SpreadsheetError) {
        guard state == .fresh else {
            throw .misuse("expected one header before the rows, found another call before it")
        }
        state = .failed
        columns = captions.count
        for (column, caption) in captions.enumerated() {
            if column > 0 { file.append(options.separator) }
            var caption = caption
            caption.withUTF8 { append(field: UnsafeRawBufferPointer($0)) }
        }
        if captions == [""] { appendEmptyRow() }
        try endLine()
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        state = .failed
        guard cells.count <= columns else {
            throw .rowTooWide(row: rows + 1, cells: cells.count, columns: columns)
        }
        let start = file.count
        for column in 0..<columns {
            if column > 0 { file.append(options.separator) }
            if column < cells.count { append(cells[column]) }
        }
        if file.count == start { appendEmptyRow() }
        try endLine()
        rows += 1
        state = .rows
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        state = .failed
        let bytes = try file.close()
        state = .ended
        return SheetSummary(rows: rows, columns: columns, bytes: bytes, warnings: warnings)
    }

    package func abandon() {
        guard state != .ended else { return }
        state = .ended
        file.discard()
    }

    private func append(_ cell: Cell) {
        switch cell {
        case .empty: break
        case .boolean(let value): file.append(value ? "true".utf8 : "false".utf8)
        case .number(let text): isNumber(text) ? file.append(text) : append(field: text)
        case .text(let text), .json(let text): append(field: text)
        }
    }

    /// Appends text, guarded, repaired and quoted as needed.
    private func append(field text: UnsafeRawBufferPointer) {
        let isQuoted = text.contains(where: needsQuotes)
        if isQuoted { file.append(UInt8(ascii: "\"")) }
        if options.formulaGuard, let first = text.first, Self.startsFormula(first) { file.append(UInt8(ascii: "'")) }
        if CSVText.append(text, to: &file) { warnings.repairedCells += 1 }
        if isQuoted { file.append(UInt8(ascii: "\"")) }
    }

    /// A line of nothing would be skipped by readers: the one empty cell of a one-column table is written as quotes.
    private func appendEmptyRow() {
        file.append("\"\"".utf8)
    }

    private func endLine() throws(SpreadsheetError) {
        file.append("\r\n".utf8)
        try file.flushIfLarge()
    }

    /// True for what can stand unquoted and unguarded: the characters of JSON numbers, not a formula's.
    private func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
        text.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
    }

    private func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == options.separator || byte == 0x0D || byte == 0x0A
    }

    private static func startsFormula(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D: true
        default: false
        }
    }
}
