/// How an `XLSXSheetWriter` writes.
package struct XLSXOptions: Sendable {
    package var engine = XLSXEngineKind.stream
    /// For the stream engine; libxlsxwriter always compresses as `small`.
    package var compression = XLSXCompression.fast
    /// Distinct texts that are kept in memory to be written once; further ones stand in their cells. Stream engine.
    package var sharedStringsMax = 262_144
    /// Octets of those texts.
    package var sharedStringsBytesMax = 8 << 20
    /// How the sheet and its columns are shown.
    package var shape = SheetShape()
    /// Directory of libxlsxwriter's temporary files: those of its engine are as large as the unpacked sheet, those of the
    /// stream engine hold the header. Default: that of the file.
    package var temporaryDirectory: String?
    /// Rows that a sheet takes, its header included; at most Excel's 1,048,576.
    package var rowsMax = XLSXLimits.rows
    /// Rows of one sheet, without its header, if further ones go to further sheets of the same workbook, at most 255 in all;
    /// nil: one sheet, and more rows than it takes are an error.
    package var rowsPerSheet: Int?
    /// Rows that decide about the column widths, from the first one on.
    package var widthSampleRows = 1_000
    /// Author in the document's properties.
    package var author = "pailou"
    /// Creation time in the document's properties, seconds since 1970. Default: now.
    package var createdAt: Int?

    package init() {}
}

/// Who writes the cells.
package enum XLSXEngineKind: String, Sendable, CaseIterable {
    /// libxlsxwriter, cell by cell.
    case libxlsxwriter
    /// libxlsxwriter writes the workbook, we stream the rows into it.
    case stream
}

/// What a file's size is worth.
package enum XLSXCompression: String, Sendable, CaseIterable {
    /// ISA-L's level 1.
    case fast
    /// zlib's level 6, as libxlsxwriter. Texts stand in their cells if next to all of their column are unique, which takes
    /// less room than to share them (Apple Numbers and some previews show only shared ones).
    case small
}
