import Glibc

/// The few operations on files that the system's library leaves to its user. All of them block.
package enum FileTree {
    /// A file operation that failed.
    package struct Failure: Error, CustomStringConvertible {
        package var operation: String
        package var path: String
        package var errno: Int32

        /// Nothing of that name is there.
        var isMissing: Bool { errno == ENOENT }
        /// There is no room for more.
        var isDiskFull: Bool { errno == ENOSPC || errno == EDQUOT }

        package var description: String {
            "cannot \(operation) \(path): \(String(cString: strerror(errno)).lowercased())"
        }
    }

    static func failure(_ operation: String, _ path: String) -> Failure {
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
        let directory = String(destination[..<(destination.lastIndex(of: "/") ?? destination.startIndex)])
        try makeDirectory(directory)
        try synchronize(source)
        guard rename(source, destination) == 0 else { throw failure("rename \(source) to", destination) }
        try synchronize(directory)
    }
}
