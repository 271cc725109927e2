import Foundation
import Glibc
import TestSupport

/// What one durable write costs on this disk at this moment.
enum DiskControl {
    private static let writes = 100
    private static let writeBytes = 4_096

    /// The median of appending a page to a file, `fdatasync` and nothing else, in the directory that stores are made in.
    static func milliseconds() throws -> Double {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        defer { directory.close() }
        let file = open(directory.path("control"), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchmarkError("cannot make the control's file") }
        defer { close(file) }
        let page = [UInt8](repeating: 0x61, count: writeBytes)
        return try (0..<writes).map { _ in
            try seconds {
                guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
                    throw BenchmarkError("the control's file cannot be written")
                }
            } * 1_000
        }.median
    }
}
