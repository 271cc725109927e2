import Foundation
import TestSupport
import Testing

/// The promises to plain clients (`protocol/README.md`, section 9), asked for by clients that contain nothing of ours.
@Suite struct PlainClientTests {
    @Test(arguments: PlainClient.allCases)
    func getsWhatTheSpecificationPromises(_ client: PlainClient) async throws {
        let directory = try TemporaryDirectory()
        let (command, arguments) = try await client.command()
        let server = try await PailouProcess.start(in: directory.path, ["--role", "demo"])
        let endpoints = server.endpoints
        let address = ["127.0.0.1", "\(endpoints.port(rpc: "demo"))", "\(endpoints.pid)"]
        let result = try await runProcess(command, arguments + address, within: .seconds(120))
        let lines = result.standardOutput.split(separator: "\n")
        let failures = lines.filter { $0.hasPrefix("FAILED") }
        #expect(failures.isEmpty)
        #expect(result.status == 0, "\(result.standardOutput.suffix(300))\(result.standardError.suffix(2000))")
        for promise in PlainClient.promises {
            #expect(lines.contains { $0.hasPrefix("ok") && $0.contains(" \(promise) ") }, "nothing shows \(promise)")
        }
        // The client sent SIGTERM for P10.
        #expect(try await server.waitForExit().status == 0)
    }
}

/// A client that nobody here wrote, but for the script that uses it.
enum PlainClient: String, CaseIterable, Sendable {
    case twisted, erlang, node, java

    static let promises = (1...12).map { "p\($0)" }

    func command() async throws -> (String, [String]) {
        let scripts = "\(packageDirectory())/protocol/vectors"
        switch self {
        case .twisted: return (try await pythonWithPackages(["twisted==24.11.0"]), ["\(scripts)/plain_client.py"])
        case .erlang: return ("escript", ["\(scripts)/plain_client.escript"])
        case .node: return ("node", ["\(scripts)/plain_client.mjs"])
        case .java: return ("java", ["\(scripts)/PlainClient.java"])
        }
    }
}
