import Foundation
import TestSupport

/// The real program as a child process on free ports, ended by its own process id.
final class PailouProcess: Sendable {
    let dataDirectory: String
    let endpoints: EndpointsFile
    private let child: TestProcess

    /// The binary that was built beside this test bundle.
    static let program = Bundle.main.executableURL!.deletingLastPathComponent().appendingPathComponent("pailou").path

    /// Starts `pailou serve --ephemeral` and waits until it says it is ready.
    ///
    /// - Parameters:
    ///   - host: Another machine of a test's network.
    ///   - wrapper: A program with its arguments that becomes the one it is given.
    static func start(
        in dataDirectory: String, _ arguments: [String] = [], environment: [String: String] = [:],
        on host: NetworkHost? = nil, under wrapper: [String] = []
    ) async throws -> PailouProcess {
        let command = wrapper + [program, "serve", "--ephemeral", "--data-dir", dataDirectory] + arguments
        let words = host?.command(command) ?? command
        let child = try TestProcess(words[0], Array(words.dropFirst()), environment: environment)
        let file = dataDirectory + "/endpoints.json"
        try await eventually(within: .seconds(30), "the system to be ready: \(child.standardError)") {
            guard child.isRunning else { throw StartFailure(output: child.standardError) }
            return try EndpointsFile.read(file, writtenBy: child.pid) != nil
        }
        return PailouProcess(
            dataDirectory: dataDirectory, endpoints: try EndpointsFile.read(file, writtenBy: child.pid)!, child: child)
    }

    private init(dataDirectory: String, endpoints: EndpointsFile, child: TestProcess) {
        self.dataDirectory = dataDirectory
        self.endpoints = endpoints
        self.child = child
    }

    var exportURL: String { "http://" + endpoints.facades["export"]! }
    var scrapeURL: String { "http://" + endpoints.facades["scrape"]! + "/api/v1" }
    var adminURL: String { "http://" + endpoints.admin! }
    var pid: Int32 { child.pid }
    var isRunning: Bool { child.isRunning }
    var standardError: String { child.standardError }
    var standardOutput: String { child.standardOutput }

    func signal(_ number: Int32) { child.signal(number) }

    /// SIGTERM, then how it ended.
    @discardableResult
    func stop() async throws -> ProcessResult {
        child.signal(SIGTERM)
        return try await child.waitForExit(within: .seconds(40))
    }

    /// As a crash would: nothing is flushed, nothing is said.
    func kill() async throws {
        child.signal(SIGKILL)
        _ = try await child.waitForExit()
    }

    func waitForExit() async throws -> ProcessResult { try await child.waitForExit(within: .seconds(40)) }

    struct StartFailure: Error, CustomStringConvertible {
        let output: String
        var description: String { "pailou ended before it was ready: \(output)" }
    }
}

/// `endpoints.json` as another program reads it.
struct EndpointsFile: Decodable, Sendable {
    let pid: Int32
    let facades: [String: String]
    let rpc: [String: String]
    let admin: String?
    let tls: [String]

    /// Nil while there is none, or one that an earlier process left when it was killed.
    static func read(_ path: String, writtenBy pid: Int32) throws -> EndpointsFile? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let file = try JSONDecoder().decode(EndpointsFile.self, from: data)
        return file.pid == pid ? file : nil
    }

    func port(rpc name: String) -> Int { Int(rpc[name]!.split(separator: ":").last!)! }
    func port(facade name: String) -> Int { Int(facades[name]!.split(separator: ":").last!)! }
}
