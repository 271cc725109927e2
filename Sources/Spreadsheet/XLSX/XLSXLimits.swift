/// Excel's own limits ("Excel specifications and limits"); a file beyond them opens with a repair message or not at all.
package enum XLSXLimits {
    /// Rows of a sheet, the header included.
    package static let rows = 1_048_576
    package static let columns = 16_384
    /// Length of a cell in UTF-16 code units, counted after escaping.
    static let cellUnits = 32_767
    /// Length of a sheet's name in UTF-16 code units.
    static let sheetNameUnits = 31
    /// Sheets of one workbook. Excel knows no number; libxlsxwriter keeps a file open for each.
    static let sheets = 255
}
