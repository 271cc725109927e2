import CMinizip
import Glibc

/// Packs finished files into one zip, as they are: what goes in is deflated already.
///
/// Written through minizip: method 0 (store), names flagged as UTF-8 (bit 11), zip64 fields where a file or the archive
/// needs them. A temporary name, fsync and rename are the caller's business.
package final class ZipArchive: ZipWriter {
    private static let copyBytes = 1 << 20
    /// General purpose bit 11 of APPNOTE 4.4.4: the name is UTF-8.
    private static let utf8Flag: UInt = 1 << 11
    /// APPNOTE 4.4.2: made on Unix (3), by version 4.5 of the format (zip64).
    private static let versionMadeBy: UInt = 3 << 8 | 45
    /// A regular file, readable by all, in the upper half of the external attributes.
    private static let attributes: UInt = 0o100644 << 16
    /// From here on sizes need the zip64 fields; some room is left for what minizip adds.
    static let zip64BytesMin = 0xFFFF_0000

    private let path: String
    private let zip64From: Int
    /// Nil when finished or abandoned.
    private var archive: zipFile?
    private var names: Set<String> = []

    /// Creates the file; an existing one is overwritten.
    package convenience init(path: String) throws(SpreadsheetError) {
        try self.init(path: path, zip64From: Self.zip64BytesMin)
    }

    /// - Parameter zip64From: smallest file, in bytes, that gets zip64 fields.
    init(path: String, zip64From: Int) throws(SpreadsheetError) {
        self.path = path
        self.zip64From = zip64From
        guard let archive = zipOpen64(path, APPEND_STATUS_CREATE) else {
            throw .lastSystemError("create", path)
        }
        self.archive = archive
    }

    deinit { abandon() }

    package func take(file source: String, as name: String) throws(SpreadsheetError) {
        try add(file: source, as: name)
        unlink(source)
    }

    /// Copies a file into the archive under a name of its own. After an error only `abandon` is left.
    package func add(file source: String, as name: String) throws(SpreadsheetError) {
        guard let archive else { throw .misuse("expected an open zip, found a finished one") }
        guard EntryName.isHarmless(name), names.insert(name).inserted else { throw .invalidEntryName(name) }
        let input = try SourceFile(path: source)
        defer { input.close() }
        try begin(name, input, in: archive)
        try copy(input, to: archive)
        try check(zipCloseFileInZip(archive), "write")
    }

    /// Writes the directory; answers the archive's size. If this throws, the archive is gone.
    package func finish() throws(SpreadsheetError) -> Int {
        guard let archive else { throw .misuse("expected an open zip, found a finished one") }
        self.archive = nil
        do throws(SpreadsheetError) {
            try check(zipClose(archive, nil), "close")
            var status = stat()
            guard stat(path, &status) == 0 else { throw .lastSystemError("measure", path) }
            return Int(status.st_size)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Gives up: nothing stays. Does nothing after `finish`.
    package func abandon() {
        guard let archive else { return }
        self.archive = nil
        zipClose(archive, nil)
        unlink(path)
    }

    private func begin(_ name: String, _ input: SourceFile, in archive: zipFile) throws(SpreadsheetError) {
        var info = zip_fileinfo()
        info.tmz_date = Self.date(of: input.modifiedAt)
        info.external_fa = Self.attributes
        let status = zipOpenNewFileInZip4_64(
            archive, name, &info, nil, 0, nil, 0, nil, Int32(pailou_zip_method_store), 0, 0,
            -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, nil, 0,
            Self.versionMadeBy, Self.utf8Flag, input.bytes >= zip64From ? 1 : 0)
        try check(status, "write")
    }

    private func copy(_ input: SourceFile, to archive: zipFile) throws(SpreadsheetError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.copyBytes, alignment: 16)
        defer { buffer.deallocate() }
        var rest = input.bytes
        while true {
            let count = try input.read(into: buffer)
            if count == 0 { break }
            rest -= count
            guard rest >= 0 else { break }
            try check(zipWriteInFileInZip(archive, buffer.baseAddress, UInt32(count)), "write")
        }
        guard rest == 0 else {
            throw .damaged(path: path, reason: "\(input.path) changed its size while it was packed")
        }
    }

    private func check(_ status: Int32, _ operation: String) throws(SpreadsheetError) {
        if status == ZIP_OK { return }
        if status == Z_ERRNO, errno != 0 { throw .lastSystemError(operation, path) }
        throw .library(operation: operation, path: path, reason: "minizip answered \(status)")
    }

    /// Zip has local time without a zone, from 1980 on, in steps of two seconds.
    private static func date(of seconds: Int) -> tm_zip {
        var seconds = time_t(seconds)
        var local = tm()
        localtime_r(&seconds, &local)
        var date = tm_zip()
        date.tm_sec = UInt32(min(local.tm_sec, 59))
        date.tm_min = UInt32(local.tm_min)
        date.tm_hour = UInt32(local.tm_hour)
        date.tm_mday = UInt32(local.tm_mday)
        date.tm_mon = UInt32(local.tm_mon)
        date.tm_year = UInt32(max(local.tm_year + 1900, 1980))
        return date
    }
}
