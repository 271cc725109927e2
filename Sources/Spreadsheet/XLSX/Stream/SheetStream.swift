import CMinizip
import Glibc

/// The package of a workbook while its sheet is being written, the first part of it.
final class SheetStream {
    private let path: String
    private let compression: XLSXCompression
    private let package: PackageWriter
    private let frame: SheetFrame
    private var sheet: CompressedPart

    init(path: String, frame: SheetFrame, compression: XLSXCompression) throws(SpreadsheetError) {
        self.path = path
        self.frame = frame
        self.compression = compression
        package = try PackageWriter(path: path)
        do throws(SpreadsheetError) {
            sheet = try CompressedPart(WorkbookFrame.sheetName, in: package, compression, stored: frame.opening)
            try sheet.write(frame.head)
        } catch {
            package.abandon()
            throw error
        }
    }

    /// Takes rows.
    func write(_ rows: UnsafeRawBufferPointer) throws(SpreadsheetError) { try sheet.write(rows) }

    /// Completes the file with a frame that knows the number of rows; answers its size. If this throws, `abandon` is left.
    func finish(_ frame: WorkbookFrame, _ strings: borrowing SharedStrings) throws(SpreadsheetError) -> Int {
        guard frame.sheet.head == self.frame.head, frame.sheet.opening.count == self.frame.opening.count else {
            throw .damaged(path: path, reason: "libxlsxwriter began the same sheet in two ways")
        }
        try sheet.write(frame.sheet.tail, isLast: true)
        try sheet.finish(stored: frame.sheet.opening)
        if let text = frame.strings { try add(text, strings) }
        for part in frame.others { try package.add(part.name, part.content) }
        try package.finish()
        return try correctOpening(frame.sheet.opening)
    }

    func abandon() {
        package.abandon()
        unlink(path)
    }

    private func add(_ frame: StringsFrame, _ strings: borrowing SharedStrings) throws(SpreadsheetError) {
        guard strings.count == 0 || frame.captions == strings.first else {
            throw .damaged(
                path: path, reason: "libxlsxwriter shares \(frame.captions) captions, not \(strings.first)")
        }
        var part = try CompressedPart(WorkbookFrame.stringsName, in: package, compression)
        try part.write(frame.opening(with: strings))
        try part.write(strings.bytes)
        try part.write(StringsFrame.end, isLast: true)
        try part.finish()
    }

    /// Writes the opening once more, now that it is known; answers the file's size.
    private func correctOpening(_ opening: [UInt8]) throws(SpreadsheetError) -> Int {
        let place = try contentOffset() + StoredBlock.headerBytes
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .lastSystemError("open", path) }
        defer { close(file) }
        guard pwrite(file, opening, opening.count, place) == opening.count else {
            throw .lastSystemError("write", path)
        }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .lastSystemError("measure", path) }
        return Int(status.st_size)
    }

    /// Where the sheet's compressed octets begin in the file.
    private func contentOffset() throws(SpreadsheetError) -> Int {
        guard let archive = unzOpen64(path) else { throw .damaged(path: path, reason: "it is not a zip") }
        defer { unzClose(archive) }
        guard unzGoToFirstFile(archive) == UNZ_OK, unzOpenCurrentFile2(archive, nil, nil, 1) == UNZ_OK else {
            throw .damaged(path: path, reason: "its sheet cannot be found")
        }
        return Int(unzGetCurrentFileZStreamPos64(archive))
    }
}
