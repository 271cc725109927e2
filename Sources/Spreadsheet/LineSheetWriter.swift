/// Writes a table into a file of text, row by row. What a row looks like is its `RowLines`' business; the order of calls,
/// the buffer and the end of the file are the same for all.
package final class LineSheetWriter<Lines: RowLines>: SheetWriter {
    private var lines: Lines
    private var file: FileSink
    private var state = SheetWriterState.fresh
    private var columns = 0
    private var rows = 0

    /// Creates the file; an existing one is overwritten.
    init(path: String, lines: Lines) throws(SpreadsheetError) {
        self.lines = lines
        file = try FileSink(path: path)
    }

    deinit { abandon() }

    package func writeHeader(_ captions: [String]) throws(SpreadsheetError) {
        try state.begin()
        columns = captions.count
        try lines.appendHeader(captions, to: &file)
        try file.flushIfLarge()
        state = .rows
    }

    package func write(row cells: UnsafeBufferPointer<Cell>) throws(SpreadsheetError) {
        try state.takeRow()
        guard cells.count <= columns else {
            throw .rowTooWide(row: rows + 1, cells: cells.count, columns: columns)
        }
        lines.append(cells, columns: columns, to: &file)
        try file.flushIfLarge()
        rows += 1
        state = .rows
    }

    package func finish() throws(SpreadsheetError) -> SheetSummary {
        try state.takeEnd()
        let bytes = try file.close()
        state = .ended
        return SheetSummary(rows: rows, columns: columns, bytes: bytes, warnings: lines.warnings)
    }

    package func abandon() {
        guard state.giveUp() else { return }
        file.discard()
    }
}

/// What the rows of a table look like in a file of text.
package protocol RowLines {
    /// Cells so far that could not be written exactly as they came.
    var warnings: SheetWarnings { get }

    /// What stands before the rows. Throws if the captions are not those it was made for.
    mutating func appendHeader(_ captions: [String], to file: inout FileSink) throws(SpreadsheetError)

    /// One row; cells that are missing are empty.
    mutating func append(_ cells: UnsafeBufferPointer<Cell>, columns: Int, to file: inout FileSink)
}
