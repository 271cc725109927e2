import Foundation
import Spreadsheet

/// A downloaded export, opened again to see what is really in it.
struct ExportedFile {
    let bytes: Int
    private(set) var workbooks = 0
    /// Rows of all sheets, the header rows left out.
    private(set) var rows = 0

    init(path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
        let outer = try ZipReader(path: path)
        try outer.forEachEntry { name in
            guard name.hasSuffix(".xlsx") else { return }
            let workbook = path + ".workbook"
            defer { try? FileManager.default.removeItem(atPath: workbook) }
            try Self.extract(from: outer, to: workbook)
            workbooks += 1
            rows += try Self.countRows(ofWorkbook: workbook) - 1
        }
    }

    private static func extract(from archive: ZipReader, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try archive.read { piece in try file.write(contentsOf: Data(piece)) }
    }

    /// Counts `<row` elements of the first sheet; a mark may be cut by the end of a piece.
    private static func countRows(ofWorkbook path: String) throws -> Int {
        let mark = Array("<row ".utf8)
        var matched = 0
        var rows = 0
        let workbook = try ZipReader(path: path)
        try workbook.forEachEntry { name in
            guard name == "xl/worksheets/sheet1.xml" else { return }
            try workbook.read { piece in
                for byte in piece {
                    matched = byte == mark[matched] ? matched + 1 : (byte == mark[0] ? 1 : 0)
                    if matched == mark.count {
                        rows += 1
                        matched = 0
                    }
                }
            }
        }
        return rows
    }
}
