import CXLSXWriter
import Glibc

/// Owns the libxlsxwriter objects of one workbook, and obeys the library's rules. Cells go to the sheet begun last.
///
/// - A name the library dislikes gives NULL and the next call crashes: names are made valid before.
/// - `workbook_close` frees everything, whether it succeeds or not: it is called once, then the pointers are gone.
/// - Write errors of the temporary files are ignored by the library: they are looked for here, before and after closing.
struct Workbook {
    enum Mode {
        /// Rows leave memory as they are written and cannot be returned to; texts stand in their cells.
        case constantMemory
        /// All cells stay in memory; texts are shared.
        case wholeInMemory
    }

    private let path: String
    /// Nil when closed or discarded.
    private var workbook: UnsafeMutablePointer<lxw_workbook>?
    private var sheets: [UnsafeMutablePointer<lxw_worksheet>] = []
    private let header: UnsafeMutablePointer<lxw_format>?
    private let mode: Mode
    private let directory: String
    private let title: String
    private let severalSheets: Bool
    private let shape: SheetShape
    /// One per column, nil where it is shown as Excel chooses.
    private var formats: [UnsafeMutablePointer<lxw_format>?] = []

    init(path: String, title: String, mode: Mode, options: XLSXOptions) throws(SpreadsheetError) {
        self.path = path
        let directory = options.temporaryDirectory ?? WritableDirectory.directory(of: path)
        // The library would fall back to /tmp without a word.
        guard access(directory, W_OK | X_OK) == 0 else { throw .lastSystemError("write to directory", directory) }
        guard let workbook = Self.open(path, mode, temporaryDirectory: directory) else {
            throw .library(operation: "create", path: path, reason: "libxlsxwriter has no memory")
        }
        self.workbook = workbook
        self.mode = mode
        self.directory = directory
        self.title = title
        severalSheets = options.rowsPerSheet != nil
        shape = options.shape
        header = CellFormat.make(shape.style.header, in: workbook)
        formats = shape.columns.map { CellFormat.make(shape.style.cells, $0.numberFormat, in: workbook) }
        setProperties(options)
    }

    // MARK: Sheets

    mutating func beginSheet() throws(SpreadsheetError) {
        let name =
            severalSheets
            ? SheetName.valid(for: shape.name, number: sheets.count + 1) : SheetName.valid(for: shape.name ?? title)
        guard let workbook else { throw .misuse("expected an open workbook for a sheet, found a finished one") }
        guard let sheet = workbook_add_worksheet(workbook, name) else {
            throw .lastSystemError("create a temporary file in", directory)
        }
        if sheets.isEmpty { worksheet_activate(sheet) }
        sheets.append(sheet)
        try quote(name, of: sheet)
        let frozenRows = shape.freezesHeader ? lxw_row_t(shape.headerRows) : 0
        if frozenRows > 0 || shape.frozenColumns > 0 {
            worksheet_freeze_panes(sheet, frozenRows, lxw_col_t(shape.frozenColumns))
        }
        // Fewer and larger writes: the library leaves the rows' file with the 4 KiB of stdio.
        if mode == .constantMemory { setvbuf(sheet.pointee.optimize_tmpfile, nil, _IOFBF, 256 * 1024) }
    }

    /// Has the library name the sheet in quotes: its own rules leave them out around `2024` or `Q1`, which Excel reads as a
    /// number or a cell then and takes the workbook for damaged.
    private func quote(_ name: String, of sheet: UnsafeMutablePointer<lxw_worksheet>) throws(SpreadsheetError) {
        guard let quoted = strdup(SheetName.quoted(name)) else { throw .lastSystemError("name a sheet of", path) }
        free(sheet.pointee.quoted_name)
        sheet.pointee.quoted_name = quoted  // Freed by the library.
    }

    /// Writes what needs the whole table: totals, widths, filter, and no green corners at text that looks like a number.
    func endSheet(_ table: SheetTable) throws(SpreadsheetError) {
        try NumericLocale.inside { () throws(SpreadsheetError) in
            // The library takes no filter over rows that are behind it.
            decorate(table)
            try writeTotals(table)
        }
    }

    @inline(__always)
    private var sheet: UnsafeMutablePointer<lxw_worksheet> { sheets[sheets.count - 1] }

    // MARK: Cells

    /// Writes what stands over the captions, which follow it.
    func beginHeader(_ text: inout XLSXCellText, _ warnings: inout SheetWarnings) throws(SpreadsheetError) {
        try writeGroups(&text, &warnings)
        guard let height = shape.style.headerHeight else { return }
        try check(worksheet_set_row(sheet, lxw_row_t(shape.headerRows - 1), height, nil))
    }

    private func writeGroups(_ text: inout XLSXCellText, _ warnings: inout SheetWarnings) throws(SpreadsheetError) {
        guard shape.hasGroups, let workbook else { return }
        var style = shape.style.header
        style.alignment = .center
        let centred = CellFormat.make(style, in: workbook)
        for group in shape.groups {
            let caption = text.encode(group.caption, &warnings)
            let (first, last) = (lxw_col_t(group.columns.lowerBound), lxw_col_t(group.columns.upperBound))
            if first == last {
                try check(worksheet_write_string(sheet, 0, first, caption, centred))
            } else {
                try check(worksheet_merge_range(sheet, 0, first, 0, last, caption, centred))
            }
        }
    }

    func writeCaption(_ text: UnsafePointer<CChar>, column: Int) throws(SpreadsheetError) {
        try check(worksheet_write_string(sheet, lxw_row_t(shape.headerRows - 1), lxw_col_t(column), text, header))
    }

    /// Writes what stands below the rows.
    private func writeTotals(_ table: SheetTable) throws(SpreadsheetError) {
        guard let workbook, table.rows > 0 else { return }
        for cell in table.totals {
            let (first, last) = (lxw_row_t(table.headerRows), lxw_row_t(table.lastRow))
            let column = lxw_col_t(cell.column)
            let code = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(pailou_range_bytes_max)) { range in
                lxw_rowcol_to_range(range.baseAddress, first, column, last, column)
                let formula = "=\(cell.total.function)(\(String(cString: range.baseAddress!)))"
                let format = CellFormat.make(
                    shape.style.totals, shape.columns[cell.column].numberFormat, in: workbook)
                // An infinite number is no XML a reader takes; what Excel says of one is.
                guard let value = cell.value else {
                    return worksheet_write_formula_str(sheet, last + 1, column, formula, format, "#NUM!")
                }
                return worksheet_write_formula_num(sheet, last + 1, column, formula, format, value)
            }
            try check(code)
        }
    }

    @inline(__always)
    private func format(of column: Int) -> UnsafeMutablePointer<lxw_format>? {
        formats.isEmpty ? nil : formats[column]
    }

    @inline(__always)
    func write(text: UnsafePointer<CChar>, row: Int, column: Int) throws(SpreadsheetError) {
        try check(worksheet_write_string(sheet, lxw_row_t(row), lxw_col_t(column), text, format(of: column)))
    }

    @inline(__always)
    func write(number: Double, row: Int, column: Int) throws(SpreadsheetError) {
        try check(worksheet_write_number(sheet, lxw_row_t(row), lxw_col_t(column), number, format(of: column)))
    }

    func write(boolean: Bool, row: Int, column: Int) throws(SpreadsheetError) {
        try check(
            worksheet_write_boolean(sheet, lxw_row_t(row), lxw_col_t(column), boolean ? 1 : 0, format(of: column)))
    }

    @inline(__always)
    private func check(_ code: lxw_error) throws(SpreadsheetError) {
        if code != LXW_NO_ERROR { throw Self.error("write a cell of", path, code) }
    }

    // MARK: End

    /// Makes the file of a workbook in constant memory; answers its size. Whatever happens, the library's objects are freed.
    mutating func close() throws(SpreadsheetError) -> Int {
        let expected = try NumericLocale.inside { () throws(SpreadsheetError) in
            var bytes: [Int] = []
            for sheet in sheets { bytes.append(try SheetPart.expectedBytes(of: sheet, path: path)) }
            return bytes
        }
        let rows = sheets.map { OpenFile($0.pointee.optimize_tmpfile) }
        do throws(SpreadsheetError) {
            do throws(SpreadsheetError) {
                try assemble()
            } catch {
                for rows in rows { rows.closeIfStillOpen() }
                throw error
            }
            return try WorkbookCheck.check(path, sheetBytes: expected)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Makes the file of a workbook that is whole in memory. Whatever happens, the library's objects are freed.
    mutating func closeSmall() throws(SpreadsheetError) {
        do throws(SpreadsheetError) {
            try assemble()
        } catch {
            unlink(path)
            throw error
        }
    }

    private mutating func assemble() throws(SpreadsheetError) {
        guard let workbook else { throw .misuse("expected an open workbook") }
        self.workbook = nil
        let code = NumericLocale.inside { workbook_close(workbook) }
        if code != LXW_NO_ERROR { throw Self.error("write", path, code) }
    }

    /// Frees everything without making a file.
    mutating func discard() {
        guard let workbook else { return }
        self.workbook = nil
        for sheet in sheets {
            if let rows = sheet.pointee.optimize_tmpfile { OpenFile(rows).closeIfStillOpen() }
            sheet.pointee.optimize_tmpfile = nil
        }
        lxw_workbook_free(workbook)
    }

    private func decorate(_ table: SheetTable) {
        guard table.columns > 0 else { return }
        for (column, width) in table.widths.characters.enumerated() {
            worksheet_set_column(sheet, lxw_col_t(column), lxw_col_t(column), Double(width), nil)
        }
        let lastColumn = lxw_col_t(table.columns - 1)
        let captionRow = lxw_row_t(table.headerRows - 1)
        if shape.hasFilter { worksheet_autofilter(sheet, captionRow, 0, lxw_row_t(table.lastRow), lastColumn) }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(pailou_range_bytes_max)) { range in
            lxw_rowcol_to_range(range.baseAddress, 0, 0, lxw_row_t(table.lastRow), lastColumn)
            worksheet_ignore_errors(sheet, UInt8(LXW_IGNORE_NUMBER_STORED_AS_TEXT.rawValue), range.baseAddress)
        }
    }

    // MARK: Beginning

    private static func open(
        _ path: String, _ mode: Mode, temporaryDirectory: String
    ) -> UnsafeMutablePointer<lxw_workbook>? {
        temporaryDirectory.withCString { directory in
            // The library copies the directory's name.
            var options = lxw_workbook_options()
            options.constant_memory = mode == .constantMemory ? 1 : 0
            options.tmpdir = UnsafeMutablePointer(mutating: directory)
            options.use_zip64 = 1
            return workbook_new_opt(path, &options)
        }
    }

    private func setProperties(_ options: XLSXOptions) {
        XMLText.clean(title).withCString { title in
            XMLText.clean(options.author).withCString { author in
                // The library copies the strings.
                var properties = lxw_doc_properties()
                properties.title = UnsafeMutablePointer(mutating: title)
                properties.author = UnsafeMutablePointer(mutating: author)
                properties.created = options.createdAt ?? 0
                workbook_set_properties(workbook, &properties)
            }
        }
    }

    private static func error(_ operation: String, _ path: String, _ code: lxw_error) -> SpreadsheetError {
        .library(operation: operation, path: path, reason: String(cString: lxw_strerror(code)).lowercased())
    }
}
