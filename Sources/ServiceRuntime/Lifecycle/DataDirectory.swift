import Glibc

/// The directory a process keeps everything in, held by an exclusive lock for as long as the process lives.
///
/// The kernel frees the lock when the process ends, however it ends, so a lock that is held means a live owner.
package final class DataDirectory: Sendable {
    package let path: String
    private let lockDescriptor: Int32

    /// Makes the directory (mode 0700: it holds what clients exported) and takes the lock.
    package init(path: String) throws(DataDirectoryError) {
        self.path = path
        try Self.makeDirectories(path)
        // O_CLOEXEC: a child process that inherited the descriptor would keep the lock after our death.
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DataDirectoryError(path: path, doing: "open its lock file", errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = Self.owner(descriptor)
            close(descriptor)
            throw DataDirectoryError(
                "the data directory \(path) is in use by process \(owner); stop it or take another")
        }
        lockDescriptor = descriptor
        let pid = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = pid.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    deinit {
        // Unlocked and not only closed: a child that has not come to its exec yet has the descriptor, too.
        flock(lockDescriptor, LOCK_UN)
        close(lockDescriptor)
    }

    /// A directory of its own for one part of the process.
    package func subdirectory(_ name: String) throws(DataDirectoryError) -> String {
        let subdirectory = path + "/" + name
        try Self.makeDirectories(subdirectory)
        return subdirectory
    }

    private static func makeDirectories(_ path: String) throws(DataDirectoryError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST {
                throw DataDirectoryError(path: path, doing: "make the directory \(made)", errno)
            }
        }
    }

    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? "of unknown id" : String(decoding: digits, as: UTF8.self)
    }
}

/// Why a data directory cannot be used.
package struct DataDirectoryError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    init(path: String, doing: String, _ code: Int32) {
        description =
            "the data directory \(path) cannot be used: could not \(doing): \(String(cString: strerror(code)))"
    }
}
