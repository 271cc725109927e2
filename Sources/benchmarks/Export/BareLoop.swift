import CXLSXWriter
import Foundation

/// The baseline of every export: a loop over libxlsxwriter that writes the same cells and does nothing else.
enum BareLoop {
    /// Writes the table's first rows, over and over if there are fewer, in constant memory.
    static func write(_ table: SampleTable, rows: Int, to path: String) throws {
        let workbook = (path as NSString).deletingLastPathComponent.withCString { directory in
            var options = lxw_workbook_options()
            options.constant_memory = 1
            options.tmpdir = UnsafeMutablePointer(mutating: directory)
            return workbook_new_opt(path, &options)
        }
        guard let sheet = workbook_add_worksheet(workbook, nil) else {
            throw BenchmarkError("libxlsxwriter cannot write to \(path)")
        }
        for (column, caption) in table.captions.enumerated() {
            worksheet_write_string(sheet, 0, lxw_col_t(column), caption, nil)
        }
        for row in 0..<rows {
            write(table, row % table.rows, to: sheet, at: lxw_row_t(row + 1))
        }
        guard workbook_close(workbook) == LXW_NO_ERROR else {
            throw BenchmarkError("libxlsxwriter cannot write \(path)")
        }
    }

    @inline(__always)
    private static func write(
        _ table: SampleTable, _ row: Int, to sheet: UnsafeMutablePointer<lxw_worksheet>, at index: lxw_row_t
    ) {
        for column in 0..<table.columns {
            if SampleTable.isText(column) {
                let text = table.cell(row: row, column: column).baseAddress?.assumingMemoryBound(to: CChar.self)
                worksheet_write_string(sheet, index, lxw_col_t(column), text, nil)
            } else {
                worksheet_write_number(sheet, index, lxw_col_t(column), table.number(row: row, column: column), nil)
            }
        }
    }
}
