/// Writes one table into one file, row by row.
///
/// The order of calls is `writeHeader` once, `write(row:)` for every row, then `finish` or `abandon`. A writer belongs to
/// one thread at a time; every call blocks. After any error the only thing left to do is `abandon`.
package protocol SheetWriter: AnyObject {
    /// Writes the captions; their number is the number of columns of the table.
    func writeHeader(_ captions: [String]) throws(SpreadsheetError)

    /// Writes one row of at most as many cells as there are columns; missing ones stay empty.
    func write(row: UnsafeBufferPointer<Cell>) throws(SpreadsheetError)

    /// Completes the file. If this throws, the file is gone.
    func finish() throws(SpreadsheetError) -> SheetSummary

    /// Gives up: no file and no temporary file stays. Does nothing after `finish`.
    func abandon()
}

extension SheetWriter {
    /// The same for an array, where speed does not matter.
    package func write(row: [Cell]) throws(SpreadsheetError) {
        try row.withUnsafeBufferPointer { cells throws(SpreadsheetError) in try write(row: cells) }
    }
}

/// What a finished file holds.
package struct SheetSummary: Sendable, Equatable {
    /// Rows without the header.
    package var rows: Int
    package var columns: Int
    /// Size of the file.
    package var bytes: Int
    package var warnings: SheetWarnings
}

/// Cells that could not be written exactly as they came.
package struct SheetWarnings: Sendable, Equatable {
    /// Cells longer than a cell may be, cut.
    package var cutCells = 0
    /// Cells with bytes that are not UTF-8 (or, in CSV, NUL), each replaced by U+FFFD.
    package var repairedCells = 0

    package init() {}

    package var count: Int { cutCells + repairedCells }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.cutCells += right.cutCells
        sum.repairedCells += right.repairedCells
        return sum
    }
}

/// Where a writer is between its first and last call: what its calls begin with, so that all writers keep one order.
///
/// A call that has begun leaves the state `failed` until it says that it has succeeded.
enum SheetWriterState {
    /// Exits: `failed` by the header until it is written, `ended`.
    case fresh
    /// Exits: `failed` by every call until it has succeeded, `ended` by `finish` or `abandon`.
    case rows
    /// Exits: `rows` by the call that succeeded, `ended`.
    case failed
    case ended

    mutating func begin() throws(SpreadsheetError) {
        guard self == .fresh else {
            throw .misuse("expected one header before the rows, found another call before it")
        }
        self = .failed
    }

    @inline(__always)
    mutating func takeRow() throws(SpreadsheetError) {
        guard self == .rows else { throw .misuse("expected a header and no earlier error before a row") }
        self = .failed
    }

    mutating func takeEnd() throws(SpreadsheetError) {
        guard self == .rows else { throw .misuse("expected a header and no earlier error before the end") }
        self = .failed
    }

    /// Answers whether there is still something to give up.
    mutating func giveUp() -> Bool {
        defer { self = .ended }
        return self != .ended
    }
}
