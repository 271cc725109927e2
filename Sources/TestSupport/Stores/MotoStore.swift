import Foundation

/// moto's S3 in a process of its own, with one bucket.
package final class MotoStore: Sendable {
    package let bucket = "exports"
    /// Without a slash at the end.
    package let endpoint: String
    private let process: TestProcess

    package init() async throws {
        let python = try await Self.python()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/moto_store.py"
        let process = try TestProcess(python, [script, bucket])
        try await eventually(within: .seconds(60), "moto to listen") {
            guard process.isRunning else {
                throw ProcessFailed(command: "moto", result: try await process.waitForExit())
            }
            return process.standardOutput.hasSuffix("\n")
        }
        endpoint = "http://" + process.standardOutput.prefix { $0 != "\n" }
        self.process = process
    }

    /// An interpreter with moto and boto3.
    package static func python() async throws -> String {
        try await pythonWithPackages(["boto3==1.44.5", "moto[server]==5.1.4"])
    }

    package func stop() async { await process.stop() }
}
