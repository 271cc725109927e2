import Glibc
import Synchronization

/// Where the credentials come from: given once, or a file that may be written anew while the process runs.
package final class S3CredentialSource: Sendable {
    /// A file of credentials holds a few lines; more is no such file.
    package static let fileBytesMax = 64 << 10

    private struct State {
        var credentials: S3Credentials
        /// Of the file when it was read.
        var stamp: FileStamp?
    }

    private let file: (path: String, profile: String)?
    private let state: Mutex<State>

    package init(_ credentials: S3Credentials) {
        file = nil
        state = Mutex(State(credentials: credentials))
    }

    /// Reads the section `[profile]` of a file in the form of `~/.aws/credentials`.
    package init(file path: String, profile: String = "default") throws(S3CredentialError) {
        file = (path, profile)
        let stamp = FileStamp(path)
        state = Mutex(State(credentials: try Self.read(path, profile), stamp: stamp))
    }

    /// What to sign with now; the file is read again when it has changed, and a bad one leaves what was known.
    package var current: S3Credentials {
        guard let file else { return state.withLock { $0.credentials } }
        let stamp = FileStamp(file.path)
        return state.withLock { state in
            guard let stamp, stamp != state.stamp else { return state.credentials }
            state.stamp = stamp
            if let fresh = try? Self.read(file.path, file.profile) { state.credentials = fresh }
            return state.credentials
        }
    }

    private static func read(_ path: String, _ profile: String) throws(S3CredentialError) -> S3Credentials {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw S3CredentialError("\(path): expected a readable file: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var octets = [UInt8](repeating: 0, count: fileBytesMax + 1)
        let count = octets.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard (0...fileBytesMax).contains(count) else {
            throw S3CredentialError("\(path): expected a file of credentials of at most \(fileBytesMax) octets")
        }
        let values = section(profile, of: String(decoding: octets.prefix(count), as: UTF8.self))
        guard let access = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
            throw S3CredentialError(
                "\(path): expected aws_access_key_id and aws_secret_access_key in the section [\(profile)]")
        }
        return S3Credentials(accessKey: access, secretKey: secret, sessionToken: values["aws_session_token"])
    }

    /// The names and values below `[name]`.
    private static func section(_ name: String, of text: String) -> [String: String] {
        var values: [String: String] = [:]
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline).map(trimmed) {
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                isInside = trimmed(line.dropFirst().dropLast()) == name
            } else if isInside, let equals = line.firstIndex(of: "=") {
                let value = trimmed(line[line.index(after: equals)...])
                if !value.isEmpty { values[trimmed(line[..<equals]).lowercased()] = value }
            }
        }
        return values
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// Tells whether a file is another than it was.
private struct FileStamp: Equatable {
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (inode, size) = (UInt(status.st_ino), Int(status.st_size))
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}

/// Credentials that are not there or cannot be read.
package struct S3CredentialError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
