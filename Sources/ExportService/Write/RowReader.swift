import JSONBytes
package import Spreadsheet

/// Turns a row's object into cells that point into the page: no `String`, no allocation per row.
///
/// Strings with escapes are undone into a buffer of the reader's own, which lives as long as it does.
package struct RowReader {
    private let columns: ColumnMap
    /// Where each column's value stands; column order.
    private var spans: [Span]
    private var cells: [Cell]
    /// Texts of this row whose escapes had to be undone.
    private var unescaped: [UInt8] = []

    /// A value found in a row.
    private struct Span {
        var kind = Kind.empty
        var range = 0..<0

        enum Kind { case empty, `true`, `false`, number, text, unescapedText, json }
    }

    package init(columns: ColumnMap) {
        self.columns = columns
        spans = Array(repeating: Span(), count: columns.count)
        cells = Array(repeating: .empty, count: columns.count)
    }

    /// Calls `body` with the cells of a row, which are valid during the call.
    package mutating func read(
        _ row: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<Cell>) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        findSpans(in: row)
        let spans = spans
        let result = unescaped.withUnsafeBytes { texts in
            cells.withUnsafeMutableBufferPointer { cells in
                for index in 0..<cells.count { cells[index] = Self.cell(spans[index], row: row, texts: texts) }
                let cells = UnsafeBufferPointer(cells)
                return Result { () throws(SpreadsheetError) in try body(cells) }
            }
        }
        try result.get()
    }

    private mutating func findSpans(in row: UnsafeRawBufferPointer) {
        for index in 0..<spans.count { spans[index].kind = .empty }
        unescaped.removeAll(keepingCapacity: true)
        var position = 0
        JSONScanner.forEachMember(of: row) { key, value in
            let index = columns.index(ofKey: JSONScanner.slice(row, key), guess: position)
            guard let index else { return true }
            position = index &+ 1
            // The first of members with equal names counts, as everywhere.
            if spans[index].kind == .empty { spans[index] = span(of: value, in: row) }
            return true
        }
    }

    private mutating func span(of value: Range<Int>, in row: UnsafeRawBufferPointer) -> Span {
        switch row[value.lowerBound] {
        case UInt8(ascii: "\""):
            let inner = value.lowerBound + 1..<value.upperBound - 1
            let text = JSONScanner.slice(row, inner)
            guard text.contains(UInt8(ascii: "\\")) else { return Span(kind: .text, range: inner) }
            let start = unescaped.count
            JSONScanner.appendUnescaped(text, to: &unescaped)
            return Span(kind: .unescapedText, range: start..<unescaped.count)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return Span(kind: .json, range: value)
        case UInt8(ascii: "t"): return Span(kind: .true)
        case UInt8(ascii: "f"): return Span(kind: .false)
        case UInt8(ascii: "n"): return Span(kind: .empty)
        default: return Span(kind: .number, range: value)
        }
    }

    @inline(__always)
    private static func cell(_ span: Span, row: UnsafeRawBufferPointer, texts: UnsafeRawBufferPointer) -> Cell {
        switch span.kind {
        case .empty: .empty
        case .true: .boolean(true)
        case .false: .boolean(false)
        case .number: .number(JSONScanner.slice(row, span.range))
        case .text: .text(JSONScanner.slice(row, span.range))
        case .unescapedText: .text(JSONScanner.slice(texts, span.range))
        case .json: .json(JSONScanner.slice(row, span.range))
        }
    }
}
