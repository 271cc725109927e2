import Foundation
import TestSupport

/// The real program, `pailou serve`, as a child process with ports and data of its own.
final class ReleaseSystem: Running {
    /// What the program says in `endpoints.json` when it is ready.
    struct Endpoints: Decodable {
        var pid: Int32
        var facades: [String: String]
        var rpc: [String: String]
        var admin: String
    }

    private let process: TestProcess
    private let directory: TemporaryDirectory
    let endpoints: Endpoints

    var pid: Int32 { process.pid }
    var tree: ProcessTree { ProcessTree(pid: process.pid) }

    /// Something in the data directory.
    func path(_ name: String) -> String { directory.path(name) }

    /// Starts it and waits until it is ready.
    static func start(_ common: CommonOptions, environment: [String: String] = [:]) async throws -> ReleaseSystem {
        let binary = try binary(common)
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let arguments = ["serve", "--role", "all", "--role", "demo", "--ephemeral", "--data-dir", directory.path]
        let process = try TestProcess(binary, arguments, environment: environment)
        let file = URL(fileURLWithPath: directory.path("endpoints.json"))
        try await eventually(within: .seconds(30), "\(binary) to be ready") {
            guard process.isRunning else {
                throw BenchmarkError("\(binary) ended before it was ready: \(process.standardError.suffix(2_000))")
            }
            return FileManager.default.fileExists(atPath: file.path)
        }
        let endpoints = try JSONDecoder().decode(Endpoints.self, from: Data(contentsOf: file))
        return ReleaseSystem(process: process, directory: directory, endpoints: endpoints)
    }

    private init(process: TestProcess, directory: TemporaryDirectory, endpoints: Endpoints) {
        self.process = process
        self.directory = directory
        self.endpoints = endpoints
    }

    /// Asks it to end, waits, and removes its data.
    func stop() async {
        await process.stop()
        directory.close()
    }

    func facade(_ name: String) throws -> String {
        guard let address = endpoints.facades[name] else { throw BenchmarkError("expected a façade named \(name)") }
        return address
    }

    /// Host and port of a role's RPC.
    func rpc(_ role: String) throws -> (host: String, port: Int) {
        guard let address = endpoints.rpc[role], let colon = address.lastIndex(of: ":"),
            let port = Int(address[address.index(after: colon)...])
        else { throw BenchmarkError("expected the RPC address of the role \(role)") }
        return (String(address[..<colon]), port)
    }

    private static func binary(_ common: CommonOptions) throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let path = common.binary ?? own.appendingPathComponent("pailou").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchmarkError("expected the program at \(path): run make build, or name it with --binary")
        }
        return path
    }
}
