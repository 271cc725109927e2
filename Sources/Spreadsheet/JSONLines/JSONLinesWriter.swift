import JSONBytes

/// Writes an object per row and line (NDJSON): the keys of the columns, numbers and nested values as they were spelled.
///
/// Always UTF-8 without a mark at the beginning. A missing value is `null`, as `null` is; captions have no place here.
package final class JSONLinesWriter: SheetWriter {
    private var file: FileSink
    /// `{"id":`, `,"name":`, …
    private let openings: [[UInt8]]
    private var state = SheetWriterState.fresh
    private var warnings = SheetWarnings()
    private var rows = 0
    private var text = JSONWriter()

    /// Creates the file; an existing one is overwritten.
    ///
    /// - Parameter keys: In UTF-8, one per column.
    package init(path: String, keys: [[UInt8]]) throws(SpreadsheetError) {
        openings = keys.enumerated().map { index, key in
            var name = JSONWriter()
            key.withUnsafeBytes { name.string(utf8: $0) }
            return [index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")] + name.bytes + [UInt8(ascii: ":")]
        }
        file = try FileSink(path: path)
    }

    deinit { abandon() }

    package func writeHeader(_ captions: [String]) throws(SpreadsheetError) {
        guard state == .fresh, captions.count == openings.count else {
            throw .misuse("expected one header with a caption per key before the rows")
        }
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        state = .failed
        guard cells.count <= openings.count else {
            throw .rowTooWide(row: rows + 1, cells: cells.count, columns: openings.count)
        }
        for (column, opening) in openings.enumerated() {
            file.append(opening)
            append(column < cells.count ? cells[column] : .empty)
        }
        file.append("}\n".utf8)
        try file.flushIfLarge()
        rows += 1
        state = .rows
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        guard state == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        state = .failed
        let bytes = try file.close()
        state = .ended
        return SheetSummary(rows: rows, columns: openings.count, bytes: bytes, warnings: warnings)
    }

    package func abandon() {
        guard state != .ended else { return }
        state = .ended
        file.discard()
    }

    private func append(_ cell: Cell) {
        switch cell {
        case .empty: file.append("null".utf8)
        case .boolean(let value): file.append(value ? "true".utf8 : "false".utf8)
        case .number(let spelling): file.append(spelling)
        case .text(let value): append(text: value)
        case .json(let value): append(json: value)
        }
    }

    private func append(text value: UnsafeRawBufferPointer) {
        text.removeAll()
        if Self.isUTF8(value) {
            text.string(utf8: value)
        } else {
            warnings.repairedCells += 1
            text.string(String(decoding: value, as: UTF8.self))
        }
        file.append(text.bytes)
    }

    /// Nested values may come on several lines; between their tokens a line's end is as good as a space.
    private func append(json value: UnsafeRawBufferPointer) {
        guard value.contains(0x0A) || value.contains(0x0D) else { return file.append(value) }
        for byte in value { file.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    }

    private static func isUTF8(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        var position = 0
        while position < text.count {
            if base[position] < 0x80 {
                position += 1
            } else if case .character(let length) = UTF8Sequence(at: position, in: base, end: text.count) {
                position += length
            } else {
                return false
            }
        }
        return true
    }
}
