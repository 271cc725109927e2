/// What puts cells into a workbook, sheet by sheet; `XLSXSheetWriter` has checked the order of calls and the limits.
///
/// After any error only `abandon` is left, which may follow anything and leaves no file.
protocol XLSXEngine: AnyObject {
    /// Cells so far that could not be written exactly as they came.
    var warnings: SheetWarnings { get }

    /// Begins the next sheet with its header; `table` is the sheet's own and grows with it. All have the same captions.
    func beginSheet(_ captions: [String], of table: SheetTable) throws(SpreadsheetError)

    /// Writes one row, which is the table's `nextRow`.
    func write(row: UnsafeBufferPointer<Cell>) throws(SpreadsheetError)

    /// Ends the sheet, whose table stays as it is.
    func endSheet() throws(SpreadsheetError)

    /// Makes the file of the ended sheets; answers its size.
    func finish() throws(SpreadsheetError) -> Int

    func abandon()
}

/// How large a sheet has become, and how wide its columns have to be.
final class SheetTable {
    let columns: Int
    /// Rows of the header: the captions, and groups over them.
    let headerRows: Int
    /// Rows so far, the header included: the index of the next one.
    @exclusivity(unchecked) var nextRow: Int
    private(set) var widths: ColumnWidths
    /// True once the widths are in the file, or taken from another sheet.
    var widthsAreFinal = false

    /// What stands below the columns, if anything does; made when the last row is known.
    var totals: [TotalCell] = []

    init(captions: [String], shape: SheetShape = SheetShape()) {
        columns = captions.count
        headerRows = shape.headerRows
        nextRow = shape.headerRows
        widths = ColumnWidths(captions: captions, shapes: shape.columns)
    }

    /// The table of the sheet after another one, which looks like it.
    init(after table: SheetTable) {
        columns = table.columns
        headerRows = table.headerRows
        nextRow = table.headerRows
        widths = table.widths
        widthsAreFinal = true
    }

    var lastRow: Int { nextRow - 1 }
    /// Rows without the header.
    var rows: Int { nextRow - headerRows }

    /// Widens the columns for a row.
    func observe(_ row: UnsafeBufferPointer<Cell>) {
        if !widthsAreFinal { widths.observe(row) }
    }
}

/// A cell below a column.
struct TotalCell {
    let column: Int
    let total: ColumnShape.Total
    /// What the formula gives, for those who do not calculate; nil for a number that is too large.
    let value: Double?
}
