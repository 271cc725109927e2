package import Spreadsheet

/// How the file of an export is written.
package struct FileOptions: Sendable {
    /// Who writes the cells of workbooks, and how they are compressed.
    package var xlsxEngine = XLSXEngineKind.stream
    package var xlsxCompression = XLSXCompression.fast
    /// Rows of one part, its header not counted; Excel takes 1,048,576 with it.
    package var rowsPerFile = 1_000_000
    /// CSV begins with U+FEFF, without which Excel takes UTF-8 for something else.
    package var csvByteOrderMark = true
    /// CSV text that a spreadsheet would run as a formula gets an apostrophe in front.
    package var csvFormulaGuard = true

    package init() {}
}
