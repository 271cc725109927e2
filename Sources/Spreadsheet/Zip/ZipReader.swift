import CMinizip

/// Reads the entries of a zip archive one after another, in pieces.
///
/// minizip's handle is no thread's friend: one reader, one thread.
package final class ZipReader {
    private let handle: unzFile

    package init(path: String) throws(ZipReaderError) {
        guard let handle = unzOpen64(path) else { throw ZipReaderError("\(path) is not a zip archive") }
        self.handle = handle
    }

    deinit { unzClose(handle) }

    /// Calls `body` with each entry's name; what it does not read is skipped.
    package func forEachEntry(_ body: (String) throws -> Void) throws {
        var status = unzGoToFirstFile(handle)
        while status == UNZ_OK {
            try body(currentName())
            status = unzGoToNextFile(handle)
        }
        guard status == UNZ_END_OF_LIST_OF_FILE else {
            throw ZipReaderError("the archive's directory is damaged (minizip \(status))")
        }
    }

    /// Feeds the present entry to `body`, decompressed, and checks its CRC at the end.
    package func read(piece: Int = 65_536, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard unzOpenCurrentFile(handle) == UNZ_OK else { throw ZipReaderError("an entry cannot be opened") }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = unzReadCurrentFile(handle, buffer.baseAddress, UInt32(piece))
            guard count >= 0 else { throw ZipReaderError("an entry is damaged (minizip \(count))") }
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
        }
        // minizip compares the checksum here, not while reading.
        guard unzCloseCurrentFile(handle) == UNZ_OK else { throw ZipReaderError("an entry's checksum is wrong") }
    }

    private func currentName() throws(ZipReaderError) -> String {
        var name = [CChar](repeating: 0, count: 1024)
        let status = unzGetCurrentFileInfo64(handle, nil, &name, UInt(name.count - 1), nil, 0, nil, 0)
        guard status == UNZ_OK else { throw ZipReaderError("an entry has no readable name (minizip \(status))") }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Why an archive could not be read.
package struct ZipReaderError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
