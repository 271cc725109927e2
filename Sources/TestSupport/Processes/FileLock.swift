import Foundation

/// Holds an exclusive lock file while `body` runs, across processes and across tests of one process.
package func withFileLock<Value>(
    _ path: String, within limit: Duration = .seconds(300), _ body: () async throws -> Value
) async throws -> Value {
    // Each opening has a lock of its own, so two tests of one process exclude each other as two processes do.
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    defer { close(descriptor) }
    try await eventually(within: limit, "the lock \(path)") { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
    return try await body()
}
