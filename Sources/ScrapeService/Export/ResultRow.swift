import JSONBytes
import Spreadsheet

/// A result as a row of a table: its id, the columns, and when it was fetched.
struct ResultRow {
    /// Columns besides those of the data.
    static let ownColumns = 2

    private enum Value {
        case absent
        /// As it is in the data.
        case cell(Cell)
        /// A text without its escapes, among the texts of the row.
        case text(Range<Int>)
    }

    private let columns: FlatColumns
    /// The row's own texts, one behind the other: cells point to them.
    private var texts: [UInt8] = []
    private var values: [Value]

    init(columns: FlatColumns) {
        self.columns = columns
        values = Array(repeating: .absent, count: columns.names.count)
    }

    /// The header.
    var captions: [String] { ["id"] + columns.names + ["created_at"] }

    /// Calls `body` with the cells of a result, which live as long as the call.
    mutating func withCells(
        of result: ExportedResult, _ body: (UnsafeBufferPointer<Cell>) throws -> Void
    ) rethrows {
        texts.removeAll(keepingCapacity: true)
        texts += PublicName.result(result.id).utf8
        let id = 0..<texts.count
        texts += UTCTime.text(result.scrapedAt).utf8
        let time = id.upperBound..<texts.count
        try result.data.withUnsafeBytes { data in
            for index in values.indices { values[index] = .absent }
            let columns = columns
            columns.read(data) { column, json in values[column] = value(json) }
            try texts.withUnsafeBytes { texts in
                func text(_ range: Range<Int>) -> Cell { .text(UnsafeRawBufferPointer(rebasing: texts[range])) }
                var cells = [text(id)]
                cells.reserveCapacity(values.count + Self.ownColumns)
                for value in values {
                    switch value {
                    case .absent: cells.append(.empty)
                    case .cell(let cell): cells.append(cell)
                    case .text(let range): cells.append(text(range))
                    }
                }
                cells.append(text(time))
                try cells.withUnsafeBufferPointer(body)
            }
        }
    }

    private mutating func value(_ json: UnsafeRawBufferPointer) -> Value {
        switch JSONScanner.kind(of: json) {
        case .null: return .absent
        case .true: return .cell(.boolean(true))
        case .false: return .cell(.boolean(false))
        case .number: return .cell(.number(json))
        case .object, .array: return .cell(.json(json))
        case .string:
            let inner = UnsafeRawBufferPointer(rebasing: json[1..<max(1, json.count - 1)])
            guard inner.contains(UInt8(ascii: "\\")) else { return .cell(.text(inner)) }
            let start = texts.count
            JSONScanner.appendUnescaped(inner, to: &texts)
            return .text(start..<texts.count)
        }
    }
}
