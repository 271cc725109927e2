/// Writes RFC 4180: commas (or another separator), CR LF, quotes where needed and doubled inside; always UTF-8.
///
/// Numbers keep their own spelling, booleans are `true` and `false`, nested values their JSON text. `null` and the empty
/// string look the same, as CSV has no word for either.
package typealias CSVSheetWriter = LineSheetWriter<CSVLines>

extension CSVSheetWriter {
    /// Creates the file; an existing one is overwritten.
    package convenience init(path: String, options: CSVOptions = CSVOptions()) throws(SpreadsheetError) {
        try self.init(path: path, lines: CSVLines(options: options))
    }
}

/// The lines of a `CSVSheetWriter`, and of whoever writes them elsewhere.
package struct CSVLines: RowLines {
    let options: CSVOptions
    package private(set) var warnings = SheetWarnings()

    package init(options: CSVOptions) { self.options = options }

    package mutating func appendHeader(_ captions: [String], to sink: inout some OctetSink) {
        if options.byteOrderMark { sink.append([0xEF, 0xBB, 0xBF]) }
        for (column, caption) in captions.enumerated() {
            if column > 0 { sink.append(options.separator) }
            var caption = caption
            caption.withUTF8 { append(field: UnsafeRawBufferPointer($0), to: &sink) }
        }
        if captions == [""] { appendEmptyRow(to: &sink) }
        endLine(in: &sink)
    }

    package mutating func append(_ cells: UnsafeBufferPointer<Cell>, columns: Int, to sink: inout some OctetSink) {
        let start = sink.count
        for column in 0..<columns {
            if column > 0 { sink.append(options.separator) }
            if column < cells.count { append(cells[column], to: &sink) }
        }
        if sink.count == start { appendEmptyRow(to: &sink) }
        endLine(in: &sink)
    }

    private mutating func append(_ cell: Cell, to sink: inout some OctetSink) {
        switch cell {
        case .empty: break
        case .boolean(let value): sink.append(value ? "true".utf8 : "false".utf8)
        case .number(let text): isNumber(text) ? sink.append(text) : append(field: text, to: &sink)
        case .text(let text), .json(let text): append(field: text, to: &sink)
        }
    }

    /// Appends text, guarded, repaired and quoted as needed.
    private mutating func append(field text: UnsafeRawBufferPointer, to sink: inout some OctetSink) {
        let isQuoted = text.contains(where: needsQuotes)
        if isQuoted { sink.append(UInt8(ascii: "\"")) }
        if options.formulaGuard, let first = text.first, CSVOptions.startsFormula(first) {
            sink.append(UInt8(ascii: "'"))
        }
        if CSVText.append(text, to: &sink) { warnings.repairedCells += 1 }
        if isQuoted { sink.append(UInt8(ascii: "\"")) }
    }

    /// A line of nothing would be skipped by readers: the one empty cell of a one-column table is written as quotes.
    private func appendEmptyRow(to sink: inout some OctetSink) {
        sink.append("\"\"".utf8)
    }

    private func endLine(in sink: inout some OctetSink) { sink.append("\r\n".utf8) }

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
}
