/// How an `XLSXSheetWriter` writes.
package struct XLSXOptions: Sendable {
    /// Directory of libxlsxwriter's temporary files, which are as large as the unpacked sheet. Default: that of the file.
    package var temporaryDirectory: String?
    /// Rows that a sheet takes, its header included; at most Excel's 1,048,576.
    package var rowsMax = XLSXLimits.rows
    /// Rows that decide about the column widths, from the first one on.
    package var widthSampleRows = 1_000
    /// Author in the document's properties.
    package var author = "pailou"
    /// Creation time in the document's properties, seconds since 1970. Default: now.
    package var createdAt: Int?

    package init() {}
}
