import Glibc

/// The few operations on files that the system's library leaves to its user. All of them block.
package enum FileTree {
    /// A file operation that failed.
    package struct Failure: Error, CustomStringConvertible {
        package var operation: String
        package var path: String
        package var errno: Int32

        /// Nothing of that name is there.
        package var isMissing: Bool { errno == ENOENT }
        /// There is no room for more.
        package var isDiskFull: Bool { errno == ENOSPC || errno == EDQUOT }
        /// Rights, or a file where a directory should be: time alone will not help.
        var isForbidden: Bool { [EACCES, EPERM, EROFS, ENOTDIR, EISDIR, ELOOP].contains(errno) }
        /// A file cannot be renamed from one file system to another.
        var isOtherFileSystem: Bool { errno == EXDEV }

        package var description: String {
            "cannot \(operation) \(path): \(String(cString: strerror(errno)).lowercased())"
        }
    }

    package static func failure(_ operation: String, _ path: String) -> Failure {
        Failure(operation: operation, path: path, errno: Glibc.errno)
    }

    /// Makes a directory and those above it; an existing one is fine.
    package static func makeDirectory(_ path: String) throws(Failure) {
        if mkdir(path, 0o755) == 0 || Glibc.errno == EEXIST { return }
        guard Glibc.errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw failure("create", path)
        }
        try makeDirectory(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || Glibc.errno == EEXIST else { throw failure("create", path) }
    }

    /// Octets that the disk of a directory has left for us; nil if it does not say.
    package static func freeBytes(in path: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    /// The names in a directory, sorted; none if it does not exist.
    package static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// When it was last changed, in seconds since 1970; nil if it is not there.
    package static func modified(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mtim.tv_sec : nil
    }

    /// Its octets; nil if it is not there.
    package static func size(_ path: String) -> Int? {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Removes a file, or a directory with all it holds; links are not followed.
    package static func remove(_ path: String) {
        guard unlink(path) != 0, Glibc.errno == EISDIR || Glibc.errno == EPERM else { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    /// Makes what was written to a file, or the names in a directory, survive a power cut.
    package static func synchronize(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("synchronize", path) }
    }

    /// Moves a finished file to its name in one step: it is either there whole, or not there.
    ///
    /// Both names are on the same file system. The file is on the disk before it has its name, and the name is on the
    /// disk before this returns.
    package static func publish(_ source: String, as destination: String) throws(Failure) {
        try synchronize(source)
        let directory = try inFolder(of: destination) { () throws(Failure) in
            guard rename(source, destination) == 0 else { throw failure("rename \(source) to", destination) }
        }
        try synchronize(directory)
    }

    /// Makes an empty file that was not there, and the directory for it.
    package static func makeFile(_ path: String) throws(Failure) {
        _ = try inFolder(of: path) { () throws(Failure) in
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw failure("create", path) }
            close(descriptor)
        }
    }

    /// Copies the octets of a file into an existing, empty one.
    package static func copy(_ source: String, to destination: String) throws(Failure) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw failure("open", source) }
        defer { close(input) }
        let output = open(destination, O_WRONLY | O_CLOEXEC)
        guard output >= 0 else { throw failure("open", destination) }
        defer { close(output) }
        while true {
            // The kernel copies, without the octets coming through this process where it can.
            let count = sendfile(output, input, nil, 1 << 20)
            guard count >= 0 else { throw failure("write", destination) }
            if count == 0 { return }
        }
    }

    /// Runs `body` with the file's folder made; again if another process has removed the folder, empty as it was, in
    /// between.
    ///
    /// - Returns: The folder.
    private static func inFolder(of path: String, _ body: () throws(Failure) -> Void) throws(Failure) -> String {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        var triesLeft = 100
        while true {
            triesLeft -= 1
            do throws(Failure) {
                try makeDirectory(folder)
                try body()
                return folder
            } catch {
                guard error.isMissing, triesLeft > 0 else { throw error }
            }
        }
    }
}
