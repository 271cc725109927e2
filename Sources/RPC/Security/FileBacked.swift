import Crypto
import Synchronization

/// A value read from files that are read again when one of them has changed.
///
/// What cannot be used leaves the old value in force, and is reported once for each change of the files.
package final class FileBacked<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var stamps: [FileStamp?]
        /// Whether one task is reading: another would do it twice.
        var isReading = false
    }

    private let files: [String]
    private let read: @Sendable () async throws -> Value
    private let state: Mutex<State>

    /// Reads the files for the first time; they must be usable.
    package init(_ files: [String], read: @escaping @Sendable () async throws -> Value) async throws {
        self.files = files
        self.read = read
        let stamps = files.map(FileStamp.init)
        state = Mutex(State(value: try await read(), stamps: stamps))
    }

    /// What was read last.
    package var value: Value { state.withLock { $0.value } }

    /// Reads again if a file has changed since; true when there is a new value, an error when there should have been.
    package func reload() async throws -> Bool {
        // Looked at before reading: a change while we read is seen the next time.
        let stamps = files.map(FileStamp.init)
        let isDue = state.withLock { state in
            guard !state.isReading, state.stamps != stamps else { return false }
            state.isReading = true
            state.stamps = stamps
            return true
        }
        guard isDue else { return false }
        defer { state.withLock { $0.isReading = false } }
        let value = try await read()
        state.withLock { $0.value = value }
        return true
    }
}

/// What tells one version of a file from another: its contents, because times and links tell less of a file that is
/// replaced by renaming a directory.
struct FileStamp: Sendable, Equatable {
    private let digest: [UInt8]

    /// Nil for a file that cannot be read.
    init?(path: String) {
        guard let octets = try? SmallFile.read(path) else { return nil }
        digest = Array(SHA256.hash(data: octets))
    }
}

/// A file of keys, certificates or tokens that cannot be used, and why; its contents are never told.
package struct SecurityFileError: Error, CustomStringConvertible {
    package let description: String

    package init(_ path: String, _ reason: String) { description = "\(path): \(reason)" }
}
