import Spreadsheet

/// Makes the files of an export's parts, in the job's own directory.
struct PartFiles: Sendable {
    let directory: String
    let title: String
    let format: ExportFormat
    let options: FileOptions
    var shape = ExportShape()

    /// Rows of one part.
    var rowsPerFile: Int {
        guard format == .xlsx else { return options.rowsPerFile }
        return hasSheetPerPart ? .max : rowsPerSheet
    }

    /// What would be further workbooks are further sheets of the only one.
    private var hasSheetPerPart: Bool { shape.sheetPerPart ?? options.sheetPerPart }

    /// A sheet has room for groups over its header and totals below it.
    private var rowsPerSheet: Int {
        min(options.rowsPerFile, 1_048_576 - sheet.headerRows - (sheet.hasTotals ? 1 : 0))
    }

    private var sheet: SheetShape {
        var sheet = shape.sheet
        sheet.columns = shape.columns?.map(\.shape) ?? []
        return sheet
    }

    func path(_ number: Int) -> String { "\(directory)/part-\(number).\(format.fileExtension)" }

    /// A part with its header.
    func begin(_ number: Int, _ columns: ColumnMap) throws -> any SheetWriter {
        let part = try makeWriter(path(number), columns)
        try part.writeHeader(columns.captions)
        return part
    }

    private func makeWriter(_ path: String, _ columns: ColumnMap) throws -> any SheetWriter {
        switch format {
        case .xlsx:
            var xlsx = XLSXOptions()
            xlsx.engine = options.xlsxEngine
            xlsx.compression = options.xlsxCompression
            let keys = columns.keys.map { String(decoding: $0, as: UTF8.self) }
            xlsx.shape = options.styles.template(for: title)?.styled(sheet, keys: keys) ?? sheet
            xlsx.rowsPerSheet = hasSheetPerPart ? rowsPerSheet : nil
            return try XLSXSheetWriter(path: path, title: title, options: xlsx)
        case .csv, .tsv:
            var csv = CSVOptions()
            if format == .tsv { csv.separator = UInt8(ascii: "\t") }
            csv.byteOrderMark = options.csvByteOrderMark
            csv.formulaGuard = options.csvFormulaGuard
            return try CSVSheetWriter(path: path, options: csv)
        case .jsonLines:
            return try JSONLinesWriter(path: path, keys: columns.keys)
        }
    }
}
