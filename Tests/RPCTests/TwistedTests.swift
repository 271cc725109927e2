import TestSupport
import Testing

/// The promises to plain clients, asked for by a client nobody here wrote: Twisted's Int32StringReceiver.
@Suite struct TwistedTests {
    @Test func aPlainClientGetsWhatTheSpecificationPromises() async throws {
        let python = try await pythonWithPackages(["twisted==24.11.0"])
        try await withDemoServer { port in
            let script = "\(VectorFile.directory)/plain_client.py"
            let result = try await runProcess(python, [script, "127.0.0.1", "\(port)"], within: .seconds(120))
            let failures = result.standardOutput.split(separator: "\n").filter { $0.hasPrefix("FAILED") }
            #expect(failures.isEmpty)
            #expect(result.status == 0, "\(result.standardOutput.suffix(300))\(result.standardError.suffix(2000))")
            // Its own checks, and every case of messages/.
            #expect(result.standardOutput.split(separator: "\n").count > VectorFile.messages.count + 10)
        }
    }
}
