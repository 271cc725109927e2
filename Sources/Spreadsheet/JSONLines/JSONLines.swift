import JSONBytes

/// Writes an object per row and line (NDJSON): the keys of the columns, numbers and nested values as they were spelled.
///
/// Always UTF-8 without a mark at the beginning. A missing value is `null`, as `null` is; captions have no place here.
package typealias JSONLinesWriter = LineSheetWriter<JSONLines>

extension JSONLinesWriter {
    /// Creates the file; an existing one is overwritten.
    ///
    /// - Parameter keys: In UTF-8, one per column.
    package convenience init(path: String, keys: [[UInt8]]) throws(SpreadsheetError) {
        try self.init(path: path, lines: JSONLines(keys: keys))
    }
}

/// The lines of a `JSONLinesWriter`.
package struct JSONLines: RowLines {
    /// `{"id":`, `,"name":`, …
    private let openings: [[UInt8]]
    package private(set) var warnings = SheetWarnings()
    private var text = JSONWriter()

    init(keys: [[UInt8]]) {
        openings = keys.enumerated().map { index, key in
            var name = JSONWriter()
            key.withUnsafeBytes { name.string(utf8: $0) }
            return [index == 0 ? UInt8(ascii: "{") : UInt8(ascii: ",")] + name.bytes + [UInt8(ascii: ":")]
        }
    }

    package func appendHeader(_ captions: [String], to file: inout FileSink) throws(SpreadsheetError) {
        guard captions.count == openings.count else {
            throw .misuse("expected \(openings.count) captions, one per key, found \(captions.count)")
        }
    }

    package mutating func append(_ cells: UnsafeBufferPointer<Cell>, columns: Int, to file: inout FileSink) {
        for (column, opening) in openings.enumerated() {
            file.append(opening)
            append(column < cells.count ? cells[column] : .empty, to: &file)
        }
        file.append("}\n".utf8)
    }

    private mutating func append(_ cell: Cell, to file: inout FileSink) {
        switch cell {
        case .empty: file.append("null".utf8)
        case .boolean(let value): file.append(value ? "true".utf8 : "false".utf8)
        case .number(let spelling): file.append(spelling)
        case .text(let value): append(text: value, to: &file)
        case .json(let value): append(json: value, to: &file)
        }
    }

    private mutating func append(text value: UnsafeRawBufferPointer, to file: inout FileSink) {
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
    private func append(json value: UnsafeRawBufferPointer, to file: inout FileSink) {
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
