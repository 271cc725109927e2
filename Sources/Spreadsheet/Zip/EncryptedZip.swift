import CZip
import Glibc

/// Packs finished files into one zip that opens with a password only: stored, encrypted by AES-256 as WinZip does (AE-2).
///
/// libzip reads the files when the archive is finished; until then they have to stay.
package final class EncryptedZip: ZipWriter {
    private static let attributes: UInt32 = 0o100644 << 16

    private let path: String
    private let password: String
    private var sources: [String] = []
    private var names: Set<String> = []
    /// Nil when finished or abandoned.
    private var archive: OpaquePointer?

    /// Begins the file; an existing one is overwritten by `finish`.
    package init(path: String, password: String) throws(SpreadsheetError) {
        self.path = path
        self.password = password
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code) else {
            throw .library(operation: "create", path: path, reason: "libzip answered \(code)")
        }
        self.archive = archive
    }

    deinit { abandon() }

    package func take(file source: String, as name: String) throws(SpreadsheetError) {
        guard let archive else { throw .misuse("expected an open zip, found a finished one") }
        guard EntryName.isHarmless(name), names.insert(name).inserted else { throw .invalidEntryName(name) }
        guard access(source, R_OK) == 0 else { throw .lastSystemError("open", source) }
        guard let content = zip_source_file(archive, source, 0, -1) else { throw failure("read") }
        let index = zip_file_add(archive, name, content, zip_flags_t(ZIP_FL_ENC_UTF_8))
        guard index >= 0 else {
            zip_source_free(content)
            throw failure("write")
        }
        let entry = zip_uint64_t(index)
        guard zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) == 0,
            zip_file_set_encryption(archive, entry, zip_uint16_t(ZIP_EM_AES_256), password) == 0,
            zip_file_set_external_attributes(archive, entry, 0, zip_uint8_t(ZIP_OPSYS_UNIX), Self.attributes) == 0
        else { throw failure("write") }
        sources.append(source)
    }

    package func finish() throws(SpreadsheetError) -> Int {
        guard let archive else { throw .misuse("expected an open zip, found a finished one") }
        guard zip_close(archive) == 0 else {
            let error = failure("write")
            abandon()
            throw error
        }
        self.archive = nil
        for source in sources { unlink(source) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .lastSystemError("measure", path) }
        return Int(status.st_size)
    }

    package func abandon() {
        guard let archive else { return }
        self.archive = nil
        zip_discard(archive)
        unlink(path)
    }

    private func failure(_ operation: String) -> SpreadsheetError {
        .library(operation: operation, path: path, reason: String(cString: zip_strerror(archive)).lowercased())
    }
}
