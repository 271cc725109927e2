import CXLSXWriter
import Glibc

/// Finds out how long the sheet's XML has to become.
///
/// libxlsxwriter writes the rows to one temporary file, copies them with what stands around them to a second one, and
/// ignores every error of both (a full disk, mostly): the result would be a workbook that says it is fine and is not. So
/// the rows' file is checked here, and the length of the whole is computed beforehand, for `WorkbookCheck` to compare.
enum SheetPart {
    /// Length of the sheet's XML, given that every row was written and everything around the rows is decided.
    static func expectedBytes(
        of sheet: UnsafeMutablePointer<lxw_worksheet>, path: String
    ) throws(SpreadsheetError) -> Int {
        // The last row is still in memory.
        lxw_worksheet_write_single_row(sheet)
        guard let rows = sheet.pointee.optimize_tmpfile, fflush(rows) == 0, ferror(rows) == 0 else {
            throw .lastSystemError("write the rows of", path)
        }
        let length = ftello(rows)
        guard length >= 0 else { throw .lastSystemError("measure the rows of", path) }
        return try frameBytes(of: sheet, path: path) + length
    }

    /// Length of everything around the rows: the sheet is assembled once into memory with no rows.
    private static func frameBytes(
        of sheet: UnsafeMutablePointer<lxw_worksheet>, path: String
    ) throws(SpreadsheetError) -> Int {
        var buffer: UnsafeMutablePointer<CChar>?
        var length = 0
        guard let frame = open_memstream(&buffer, &length), let noRows = fopen("/dev/null", "r") else {
            throw .lastSystemError("measure the frame of", path)
        }
        let rows = sheet.pointee.optimize_tmpfile
        let file = sheet.pointee.file
        sheet.pointee.file = frame
        sheet.pointee.optimize_tmpfile = noRows  // Closed by the library.
        lxw_worksheet_assemble_xml_file(sheet)
        pailou_forget_selections(sheet)
        sheet.pointee.optimize_tmpfile = rows
        sheet.pointee.file = file
        fclose(frame)
        free(buffer)
        return length
    }
}
