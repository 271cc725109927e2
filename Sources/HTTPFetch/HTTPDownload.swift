import Glibc

/// A file that takes the body of a response as it comes: none of it is held in memory.
///
/// Writes block, on the fetcher's thread too: it is for a program that has nothing else to do.
package final class HTTPDownload: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Makes the file, or goes on with what is there.
    package init(path: String) throws(HTTPFetchError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw Self.failure() }
    }

    deinit { close(descriptor) }

    /// Octets that are there: what a request for the rest begins at.
    package var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Makes ready for a body: the rest of the file (206), or all of it again (200).
    ///
    /// - Returns: False for a body that is neither, such as an error's, and is not taken.
    func begin(status: Int, range: String?) throws(HTTPFetchError) -> Bool {
        switch status {
        case 200:
            guard ftruncate(descriptor, 0) == 0 else { throw Self.failure() }
            return true
        case 206:
            guard range?.hasPrefix("bytes \(size)-") == true else {
                throw .downloadFailed(reason: "expected the octets from \(size) on, found \(range ?? "no range")")
            }
            return true
        default: return false
        }
    }

    func append(_ octets: UnsafeRawBufferPointer) throws(HTTPFetchError) {
        var rest = octets
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            guard count > 0 else { throw Self.failure() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    private static func failure() -> HTTPFetchError {
        .downloadFailed(reason: String(cString: strerror(errno)).lowercased())
    }
}
