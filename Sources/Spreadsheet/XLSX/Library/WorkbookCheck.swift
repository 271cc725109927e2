import CMinizip
import Glibc

/// Opens a finished workbook and looks whether all of it is there.
///
/// Each sheet must have the length that was computed for it; the other parts, a few KiB together, are unpacked and must end
/// with their root's end tag.
enum WorkbookCheck {
    private static let smallPartBytesMax = 1 << 20

    /// Answers the file's size.
    static func check(_ path: String, sheetBytes: [Int]) throws(SpreadsheetError) -> Int {
        guard let archive = unzOpen64(path) else { throw .damaged(path: path, reason: "it is not a zip") }
        defer { unzClose(archive) }
        var found = 0
        var status = unzGoToFirstFile(archive)
        while status == UNZ_OK {
            let part = try currentPart(archive, path)
            if part.name.hasPrefix("xl/worksheets/sheet") {
                // They are in the order of their numbers.
                guard found < sheetBytes.count, part.bytes == sheetBytes[found] else {
                    let expected = found < sheetBytes.count ? "\(sheetBytes[found]) bytes" : "no such sheet"
                    throw .damaged(path: path, reason: "\(part.name): expected \(expected), found \(part.bytes)")
                }
                found += 1
            } else {
                try checkEnd(of: part, archive, path)
            }
            status = unzGoToNextFile(archive)
        }
        guard status == UNZ_END_OF_LIST_OF_FILE, found == sheetBytes.count else {
            throw .damaged(path: path, reason: "its directory is incomplete")
        }
        return try fileBytes(path)
    }

    private struct Part {
        var name: String
        var bytes: Int
    }

    private static func currentPart(_ archive: unzFile, _ path: String) throws(SpreadsheetError) -> Part {
        var info = unz_file_info64()
        var name = [CChar](repeating: 0, count: 256)
        guard unzGetCurrentFileInfo64(archive, &info, &name, UInt(name.count - 1), nil, 0, nil, 0) == UNZ_OK else {
            throw .damaged(path: path, reason: "its directory cannot be read")
        }
        let length = name.firstIndex(of: 0) ?? name.count
        let text = String(decoding: name[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return Part(name: text, bytes: Int(info.uncompressed_size))
    }

    private static func checkEnd(of part: Part, _ archive: unzFile, _ path: String) throws(SpreadsheetError) {
        guard part.bytes <= smallPartBytesMax, unzOpenCurrentFile(archive) == UNZ_OK else {
            throw .damaged(path: path, reason: "\(part.name) cannot be read")
        }
        var content = [UInt8](repeating: 0, count: part.bytes)
        let read = unzReadCurrentFile(archive, &content, UInt32(part.bytes))
        guard unzCloseCurrentFile(archive) == UNZ_OK, read == part.bytes, isWhole(content) else {
            throw .damaged(path: path, reason: "\(part.name) is incomplete")
        }
    }

    /// True if the last tag closes the first element.
    private static func isWhole(_ xml: [UInt8]) -> Bool {
        let text = Substring(decoding: xml, as: UTF8.self)
        guard let root = text.firstMatch(of: /<([A-Za-z][^\s\/>]*)/) else { return false }
        let end = text.last == "\n" ? text.dropLast() : text
        return end.hasSuffix("</\(root.output.1)>")
            || end[root.range.upperBound...].firstIndex(of: "<") == nil && end.hasSuffix("/>")
    }

    private static func fileBytes(_ path: String) throws(SpreadsheetError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .lastSystemError("measure", path) }
        return Int(status.st_size)
    }
}
