import Spreadsheet

/// The workbook of a task's results on its way to the disk.
///
/// Belongs to one thread at a time.
final class ResultWorkbook {
    /// Members of all results.
    static let columnsMax = XLSXLimits.columns - ResultRow.ownColumns

    private let writer: XLSXSheetWriter
    private var row: ResultRow

    init(path: String, columns: FlatColumns) throws {
        row = ResultRow(columns: columns)
        writer = try XLSXSheetWriter(path: path, title: "results")
        try writer.writeHeader(row.captions)
    }

    func write(_ results: [ExportedResult]) throws {
        for result in results { try row.withCells(of: result) { try writer.write(row: $0) } }
    }

    func finish() throws { _ = try writer.finish() }

    func abandon() { writer.abandon() }
}
