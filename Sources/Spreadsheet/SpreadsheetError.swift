import Glibc

/// Everything that can go wrong while a file is written.
package enum SpreadsheetError: Error, Equatable {
    /// A sheet cannot have so many rows (header included).
    case tooManyRows(limit: Int)
    case tooManyColumns(found: Int, limit: Int)
    /// A workbook cannot have so many sheets.
    case tooManySheets(limit: Int)
    /// A row with more cells than the header has captions; rows count from 1, without the header.
    case rowTooWide(row: Int, cells: Int, columns: Int)
    /// The system refused: disk full, no such directory, …
    case system(operation: String, path: String, errno: Int32)
    /// libxlsxwriter or minizip refused, in its own words.
    case library(operation: String, path: String, reason: String)
    /// What was written is not what should have been written; the file was removed.
    case damaged(path: String, reason: String)
    case invalidEntryName(String)
    /// A call out of order.
    case misuse(String)

    /// There is no room for more.
    package var isDiskFull: Bool {
        guard case .system(_, _, let errno) = self else { return false }
        return errno == ENOSPC || errno == EDQUOT
    }

    /// The error of the system call that just failed.
    static func lastSystemError(_ operation: String, _ path: String) -> SpreadsheetError {
        .system(operation: operation, path: path, errno: Glibc.errno)
    }
}

extension SpreadsheetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooManyRows(let limit):
            "a sheet holds at most \(limit) rows with its header, one more was written"
        case .tooManyColumns(let found, let limit):
            "a sheet holds at most \(limit) columns, found \(found)"
        case .tooManySheets(let limit):
            "a workbook holds at most \(limit) sheets, its rows need another one"
        case .rowTooWide(let row, let cells, let columns):
            "row \(row) has \(cells) cells, the header has \(columns)"
        case .system(let operation, let path, let errno):
            "cannot \(operation) \(path): \(String(cString: strerror(errno)).lowercased())"
        case .library(let operation, let path, let reason):
            "cannot \(operation) \(path): \(reason)"
        case .damaged(let path, let reason):
            "\(path) was damaged while it was written (disk full?): \(reason)"
        case .invalidEntryName(let name):
            "expected a relative path with forward slashes as a name in a zip, found \"\(name)\""
        case .misuse(let text):
            text
        }
    }
}
