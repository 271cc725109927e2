import Foundation

/// A directory of one test's own, removed with everything in it when closed or let go of.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init(prefix: String = "pailou-test") throws {
        let name = "\(prefix)-\(UUID().uuidString.prefix(13).lowercased())"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of something inside; nothing is created.
    package func path(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file inside, with the directories above it, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    /// The same for octets.
    @discardableResult
    package func write(_ octets: [UInt8], to name: String) throws -> String {
        let file = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(octets).write(to: file)
        return file.path
    }

    /// Removes the directory now; a second call does nothing.
    package func close() {
        try? FileManager.default.removeItem(atPath: path)
    }

    deinit {
        close()
    }
}
