import Glibc

/// A file read from its beginning, piece by piece; closed with its last reference.
///
/// Reads block: it is to be a file that was just written, which the page cache holds.
final class FileOctets: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    init(path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure() }
    }

    deinit { close(descriptor) }

    /// At most so many octets; nil at the end.
    func next(_ count: Int) throws(Failure) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        let count = octets.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw Self.failure() }
        return count == 0 ? nil : Array(octets.prefix(count))
    }

    private static func failure() -> Failure {
        Failure(description: "a finished file cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
}
