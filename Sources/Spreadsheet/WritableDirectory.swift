import Glibc

/// The directory a file is going to be in.
enum WritableDirectory {
    /// The directory's path, if files can be made in it.
    @discardableResult
    static func check(of path: String) throws(SpreadsheetError) -> String {
        let directory = directory(of: path)
        guard access(directory, W_OK | X_OK) == 0 else { throw .lastSystemError("write to directory", directory) }
        return directory
    }

    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
