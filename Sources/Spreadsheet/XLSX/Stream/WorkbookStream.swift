import CMinizip
import Glibc

/// The package of a workbook while its sheets are being written, one after the other, its first parts.
///
/// Rows are compressed on a thread of their own, while their owner makes the next ones. What is here belongs to that thread
/// while a piece is under way, which every other call waits for.
final class WorkbookStream: @unchecked Sendable {
    /// Room of the second buffer; a larger one takes its place when it is full.
    private static let bufferBytes = 320 * 1024

    private let path: String
    private let compression: XLSXCompression
    private let package: PackageWriter
    private let thread = PieceThread(capacity: bufferBytes)
    /// What has been written around the rows of each sheet; the last one's end may be to come.
    private var frames: [SheetFrame] = []
    /// The sheet under way.
    private var sheet: CompressedPart?

    init(path: String, _ compression: XLSXCompression) throws(SpreadsheetError) {
        self.path = path
        self.compression = compression
        package = try PackageWriter(path: path)
    }

    /// Begins the next sheet, as its frame does.
    func beginSheet(_ frame: SheetFrame) throws(SpreadsheetError) {
        frames.append(frame)
        let name = WorkbookFrame.sheetName(frames.count)
        var part = try CompressedPart(name, in: package, compression, stored: frame.opening)
        try part.write(frame.head)
        sheet = part
    }

    /// Takes rows of the sheet and gives an empty buffer for them.
    func write(_ rows: inout ByteBuffer) throws(SpreadsheetError) {
        try thread.exchange(&rows) { [self] octets throws(SpreadsheetError) in try sheet?.write(octets) }
    }

    /// Ends the sheet with its last rows and a frame that knows their number.
    func endSheet(_ frame: SheetFrame, _ rows: inout ByteBuffer) throws(SpreadsheetError) {
        try thread.wait()
        guard let begun = frames.last, begun.begins(as: frame) else { throw inconsistency }
        try sheet?.write(rows.bytes)
        rows.count = 0
        try sheet?.write(frame.tail, isLast: true)
        try sheet?.finish(stored: frame.opening)
        sheet = nil
        frames[frames.count - 1] = frame
    }

    /// Completes the file with the frame of all sheets; answers its size. If this throws, `abandon` is left.
    func finish(_ frame: WorkbookFrame, _ strings: borrowing SharedStrings) throws(SpreadsheetError) -> Int {
        guard frame.sheets == frames else { throw inconsistency }
        if let text = frame.strings { try add(text, strings) }
        for part in frame.others { try package.add(part.name, part.content) }
        try package.finish()
        return try correctOpenings()
    }

    func abandon() {
        try? thread.wait()
        package.abandon()
        unlink(path)
    }

    private var inconsistency: SpreadsheetError {
        .damaged(path: path, reason: "libxlsxwriter wrote the same sheet in two ways")
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

    /// Writes the openings of the sheets once more, now that they are known; answers the file's size.
    private func correctOpenings() throws(SpreadsheetError) -> Int {
        let places = try contentOffsets()
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw .lastSystemError("open", path) }
        defer { close(file) }
        for (place, frame) in zip(places, frames) {
            let opening = frame.opening
            guard pwrite(file, opening, opening.count, place + StoredBlock.headerBytes) == opening.count else {
                throw .lastSystemError("write", path)
            }
        }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .lastSystemError("measure", path) }
        return Int(status.st_size)
    }

    /// Where the sheets' compressed octets begin in the file, whose first entries they are.
    private func contentOffsets() throws(SpreadsheetError) -> [Int] {
        guard let archive = unzOpen64(path) else { throw .damaged(path: path, reason: "it is not a zip") }
        defer { unzClose(archive) }
        var offsets: [Int] = []
        for number in frames.indices {
            guard (number == 0 ? unzGoToFirstFile(archive) : unzGoToNextFile(archive)) == UNZ_OK,
                unzOpenCurrentFile2(archive, nil, nil, 1) == UNZ_OK
            else { throw .damaged(path: path, reason: "its sheet \(number + 1) cannot be found") }
            offsets.append(Int(unzGetCurrentFileZStreamPos64(archive)))
            unzCloseCurrentFile(archive)
        }
        return offsets
    }
}
