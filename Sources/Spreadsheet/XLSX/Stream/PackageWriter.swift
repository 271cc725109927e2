import CMinizip
import Glibc

/// Writes the zip of a workbook part by part; one part at a time may be long and comes compressed already.
///
/// minizip writes headers and directory, zip64 where a part needs it. All dates are 1980-01-01, as libxlsxwriter's.
final class PackageWriter {
    private static let smallPartLevel: Int32 = 6

    private let path: String
    /// Nil when finished or abandoned.
    private var archive: zipFile?

    init(path: String) throws(SpreadsheetError) {
        self.path = path
        guard let archive = zipOpen64(path, APPEND_STATUS_CREATE) else { throw .lastSystemError("create", path) }
        self.archive = archive
    }

    deinit { abandon() }

    /// Adds a part that is in memory.
    func add(_ name: String, _ content: [UInt8]) throws(SpreadsheetError) {
        try begin(name, isCompressed: false, isLong: false)
        try content.withOctets { bytes throws(SpreadsheetError) in try write(bytes) }
        try check(zipCloseFileInZip(archive))
    }

    /// Begins a part whose content follows by `write`, as raw deflate.
    func beginCompressed(_ name: String) throws(SpreadsheetError) {
        try begin(name, isCompressed: true, isLong: true)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SpreadsheetError) {
        try check(zipWriteInFileInZip(archive, bytes.baseAddress, UInt32(bytes.count)))
    }

    /// Ends the compressed part, which is what the checksum has seen.
    func endCompressed(_ checksum: Checksum) throws(SpreadsheetError) {
        try check(zipCloseFileInZipRaw64(archive, UInt64(checksum.count), uLong(checksum.value)))
    }

    func finish() throws(SpreadsheetError) {
        guard let archive else { throw .misuse("expected an open package, found a finished one") }
        self.archive = nil
        let status = zipClose(archive, nil)
        if status != ZIP_OK {
            let error = failure(status)
            unlink(path)
            throw error
        }
    }

    /// Gives up: nothing stays. Does nothing after `finish`.
    func abandon() {
        guard let archive else { return }
        self.archive = nil
        zipClose(archive, nil)
        unlink(path)
    }

    private func begin(_ name: String, isCompressed: Bool, isLong: Bool) throws(SpreadsheetError) {
        guard archive != nil else { throw .misuse("expected an open package, found a finished one") }
        var info = zip_fileinfo()
        info.tmz_date = tm_zip(tm_sec: 0, tm_min: 0, tm_hour: 0, tm_mday: 1, tm_mon: 0, tm_year: 1980)
        let status = zipOpenNewFileInZip2_64(
            archive, name, &info, nil, 0, nil, 0, nil, Z_DEFLATED, Self.smallPartLevel, isCompressed ? 1 : 0,
            isLong ? 1 : 0)
        try check(status)
    }

    private func check(_ status: Int32) throws(SpreadsheetError) {
        if status != ZIP_OK { throw failure(status) }
    }

    private func failure(_ status: Int32) -> SpreadsheetError {
        if status == Z_ERRNO, errno != 0 { return .lastSystemError("write", path) }
        return .library(operation: "write", path: path, reason: "minizip answered \(status)")
    }
}
