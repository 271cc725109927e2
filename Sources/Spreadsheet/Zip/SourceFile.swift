import Glibc

/// A file that is read once, from its beginning to its end.
struct SourceFile {
    let path: String
    let bytes: Int
    /// Seconds since 1970.
    let modifiedAt: Int
    private let descriptor: Int32

    init(path: String) throws(SpreadsheetError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .lastSystemError("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = SpreadsheetError.lastSystemError("measure", path)
            _ = Glibc.close(descriptor)
            throw error
        }
        bytes = Int(status.st_size)
        modifiedAt = status.st_mtim.tv_sec
    }

    /// Answers how many bytes there were, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(SpreadsheetError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw .lastSystemError("read", path) }
        }
    }

    func close() { _ = Glibc.close(descriptor) }
}
