import Glibc

/// A part of a file that is the body of a request: nothing of it is held in memory but what is being sent.
package struct HTTPUpload: Sendable {
    package let file: UploadFile
    package let range: Range<Int>

    package init(_ file: UploadFile, _ range: Range<Int>) {
        self.file = file
        self.range = range
    }
}

/// A file that is open for sending; closed with its last reference.
///
/// Reads block, on the fetcher's thread too: it is to be a file that was just written, which the page cache holds.
package final class UploadFile: Sendable {
    /// Octets, as they were when it was opened.
    package let size: Int
    private let descriptor: Int32

    package init(path: String) throws(HTTPFetchError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let failure = Self.failure()
            if descriptor >= 0 { close(descriptor) }
            throw failure
        }
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `space` from `offset` on; throws when the file ends before.
    package func read(into space: UnsafeMutableRawBufferPointer, from offset: Int) throws(HTTPFetchError) {
        var filled = 0
        while filled < space.count {
            let count = pread(descriptor, space.baseAddress! + filled, space.count - filled, off_t(offset + filled))
            guard count >= 0 else { throw Self.failure() }
            guard count > 0 else { throw .uploadFailed(reason: "it ended early, at octet \(offset + filled)") }
            filled += count
        }
    }

    private static func failure() -> HTTPFetchError {
        .uploadFailed(reason: String(cString: strerror(errno)).lowercased())
    }
}
