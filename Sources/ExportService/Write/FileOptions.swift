package import Spreadsheet

/// How the file of an export is written.
package struct FileOptions: Sendable {
    /// Who writes the cells of workbooks, and how they are compressed.
    package var xlsxEngine = XLSXEngineKind.stream
    package var xlsxCompression = XLSXCompression.fast
    /// Rows of one part, its header not counted; Excel takes 1,048,576 with it.
    package var rowsPerFile = 1_000_000
    /// Rows beyond `rowsPerFile` go to further sheets of the same workbook and not to further workbooks, unless the request
    /// says otherwise. One thread writes them all.
    package var sheetPerPart = false
    /// Parts of one export that are written at the same time, each by a thread that writes and one that compresses, with
    /// some 16 MiB of its own.
    package var partsAtOnceMax = 2
    /// Octets of pages that wait in memory for parts written at the same time, all together.
    package var pendingBytesMax = 8 << 20
    /// Octets that the files of one export may take on the disk while they are written.
    package var diskBytesMax = 64 << 30
    /// What workbooks of certain titles look like.
    package var styles = StyleTemplates()
    /// CSV begins with U+FEFF, without which Excel takes UTF-8 for something else.
    package var csvByteOrderMark = true
    /// CSV text that a spreadsheet would run as a formula gets an apostrophe in front.
    package var csvFormulaGuard = true

    package init() {}
}
