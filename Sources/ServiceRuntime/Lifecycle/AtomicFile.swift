import Glibc

/// A small file that other programs read: either the old one is there, or the whole new one.
package enum AtomicFile {
    /// Writes beside the file, synchronises, and renames.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path: temporary, doing: "created", errno) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw FileError(path: temporary, doing: "written", errno)
        }
        guard rename(temporary, path) == 0 else { throw FileError(path: path, doing: "replaced", errno) }
    }

    package static func remove(_ path: String) { unlink(path) }
}

/// A file that could not be written.
package struct FileError: Error, CustomStringConvertible {
    package let description: String

    init(path: String, doing: String, _ code: Int32) {
        description = "\(path) could not be \(doing): \(String(cString: strerror(code)))"
    }
}
