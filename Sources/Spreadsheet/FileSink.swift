import Glibc

/// A file that is written through a buffer, and whose every error is seen.
package struct FileSink {
    private static let bufferBytes = 256 * 1024

    private let path: String
    /// Negative when closed.
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var flushedBytes = 0

    init(path: String) throws(SpreadsheetError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .lastSystemError("create", path) }
        buffer.reserveCapacity(Self.bufferBytes + 64 * 1024)
    }

    /// Bytes so far, in the file and before it.
    package var count: Int { flushedBytes + buffer.count }

    @inline(__always)
    package mutating func append(_ byte: UInt8) { buffer.append(byte) }

    @inline(__always)
    package mutating func append(_ bytes: some Collection<UInt8>) { buffer.append(contentsOf: bytes) }

    /// Called between rows, so that the buffer grows by one row at most.
    mutating func flushIfLarge() throws(SpreadsheetError) {
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Answers the file's size; if this throws, the file is gone.
    mutating func close() throws(SpreadsheetError) -> Int {
        do throws(SpreadsheetError) {
            try flush()
        } catch {
            discard()
            throw error
        }
        let status = Glibc.close(descriptor)
        descriptor = -1
        guard status == 0 else {
            let error = SpreadsheetError.lastSystemError("close", path)
            unlink(path)
            throw error
        }
        return flushedBytes
    }

    mutating func discard() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
        unlink(path)
    }

    private mutating func flush() throws(SpreadsheetError) {
        var start = 0
        while start < buffer.count {
            let written = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if written < 0 {
                if errno == EINTR { continue }
                throw .lastSystemError("write", path)
            }
            start += written
        }
        flushedBytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
