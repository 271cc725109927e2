import Artifacts
import Glibc

/// The rows of a raw export on the disk: JSON objects as they came, the header first, each with its length in front
/// (32 bits, big-endian).
///
/// Written once and read from the beginning to the end, never held as a whole. Everything here blocks.
enum RowsFile {
    /// Octets written or read at once.
    static let blockBytes = 256 * 1024
    static let lengthBytes = 4

    /// Writes a file that is not there yet.
    final class Writer {
        private let path: String
        private let descriptor: Int32
        private var block: [UInt8] = []

        init(path: String) throws(FileTree.Failure) {
            descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw FileTree.failure("create", path) }
            self.path = path
            block.reserveCapacity(RowsFile.blockBytes)
        }

        deinit { close(descriptor) }

        func append(_ row: UnsafeRawBufferPointer) throws(FileTree.Failure) {
            withUnsafeBytes(of: UInt32(row.count).bigEndian) { block.append(contentsOf: $0) }
            block.append(contentsOf: row)
            if block.count >= RowsFile.blockBytes { try flush() }
        }

        /// Writes what is left; only then the file is whole.
        func finish() throws(FileTree.Failure) { try flush() }

        private func flush() throws(FileTree.Failure) {
            var written = 0
            while written < block.count {
                let count = block.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
                guard count > 0 else { throw FileTree.failure("write", path) }
                written += count
            }
            block.removeAll(keepingCapacity: true)
        }
    }

    /// The rows of a file, its header not counted.
    static func countRows(of path: String) throws -> Int {
        var count = -1
        try forEachRow(of: path) { _ in count += 1 }
        return max(0, count)
    }

    /// Calls `body` with row after row of a file.
    static func forEachRow(of path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileTree.failure("open", path) }
        defer { close(descriptor) }
        var block = [UInt8](repeating: 0, count: blockBytes)
        var filled = 0
        while true {
            let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
            guard count >= 0 else { throw FileTree.failure("read", path) }
            guard count > 0 else { break }
            filled += count
            let (taken, wanted) = try block.withUnsafeBytes {
                try takeRows(UnsafeRawBufferPointer(rebasing: $0[..<filled]), body)
            }
            block.withUnsafeMutableBytes { $0.copyBytes(from: UnsafeRawBufferPointer(rebasing: $0[taken..<filled])) }
            filled -= taken
            // A row that is longer than a block.
            if wanted > block.count { block += [UInt8](repeating: 0, count: wanted - block.count) }
        }
        guard filled == 0 else { throw CrawlFailure("the rows that came with the request are not whole any more") }
    }

    /// - Returns: The octets of whole rows, and how many the next row needs.
    private static func takeRows(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows -> (taken: Int, wanted: Int) {
        var position = 0
        while position + lengthBytes <= bytes.count {
            let length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            let end = position + lengthBytes + length
            guard end <= bytes.count else { return (position, lengthBytes + length) }
            try body(UnsafeRawBufferPointer(rebasing: bytes[position + lengthBytes..<end]))
            position = end
        }
        return (position, 0)
    }
}
