import Spreadsheet

/// A cell that owns its bytes, for tables of tests.
enum TestCell: Sendable {
    case empty
    case boolean(Bool)
    case number(String)
    case text(String)
    /// Text that need not be UTF-8.
    case bytes([UInt8])
    case json(String)
}

extension SheetWriter {
    /// Writes one row of owned cells.
    func write(_ cells: [TestCell]) throws {
        let values = cells.map { cell -> [UInt8] in
            switch cell {
            case .empty, .boolean: []
            case .number(let text), .text(let text), .json(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            }
        }
        // All values in one buffer that outlives the call, each cell a slice of it.
        try values.flatMap { $0 }.withUnsafeBytes { all in
            var start = 0
            let row = zip(cells, values).map { cell, value -> Cell in
                let bytes = UnsafeRawBufferPointer(rebasing: all[start..<start + value.count])
                start += value.count
                switch cell {
                case .empty: return .empty
                case .boolean(let value): return .boolean(value)
                case .number: return .number(bytes)
                case .text, .bytes: return .text(bytes)
                case .json: return .json(bytes)
                }
            }
            try write(row: row)
        }
    }
}

extension XLSXOptions {
    static func with(_ engine: XLSXEngineKind, _ compression: XLSXCompression = .fast) -> Self {
        var options = Self()
        options.engine = engine
        options.compression = compression
        return options
    }
}
