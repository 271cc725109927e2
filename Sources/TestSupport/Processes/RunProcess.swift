/// How a process ended and what it wrote.
package struct ProcessResult: Sendable {
    /// The exit status, or nil when a signal ended it.
    package let status: Int32?
    /// The signal that ended it, or nil.
    package let signal: Int32?
    package let standardOutput: String
    package let standardError: String
}

/// A process that ended with something else than 0.
package struct ProcessFailed: Error, CustomStringConvertible {
    package let command: String
    package let result: ProcessResult

    package var description: String {
        let end = result.status.map { "status \($0)" } ?? "signal \(result.signal ?? 0)"
        return
            "\(command) ended with \(end): \(result.standardOutput.suffix(1_000))\(result.standardError.suffix(3_000))"
    }
}

/// Runs a command to its end, at most `limit` long, and returns what it wrote; any status is an answer.
package func runProcess(
    _ command: String, _ arguments: [String] = [], environment: [String: String] = [:],
    workingDirectory: String? = nil, input: [UInt8] = [], within limit: Duration = .seconds(60)
) async throws -> ProcessResult {
    let process = try TestProcess(
        command, arguments, environment: environment, workingDirectory: workingDirectory, input: input)
    return try await process.waitForExit(within: limit)
}

/// Like ``runProcess(_:_:environment:workingDirectory:input:within:)``, but throws unless the status is 0.
@discardableResult
package func runSuccessfully(
    _ command: String, _ arguments: [String] = [], environment: [String: String] = [:],
    workingDirectory: String? = nil, input: [UInt8] = [], within limit: Duration = .seconds(60)
) async throws -> ProcessResult {
    let result = try await runProcess(
        command, arguments, environment: environment, workingDirectory: workingDirectory, input: input, within: limit)
    guard result.status == 0 else { throw ProcessFailed(command: command, result: result) }
    return result
}
