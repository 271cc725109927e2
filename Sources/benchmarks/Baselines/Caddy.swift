import Foundation
import TestSupport

/// Caddy of our own as a plain reverse proxy in front of another server.
final class Caddy: Running {
    private let directory: TemporaryDirectory
    private let process: TestProcess
    let url: String

    var tree: ProcessTree { ProcessTree(pid: process.pid) }

    static let absence: Absence = ("Caddy is not installed", "install it with: apt-get install caddy")
    static var isInstalled: Bool { Program.find("caddy") != nil }

    /// Starts it and waits until the path is answered 200.
    static func start(before backPort: Int, path: String) async throws -> Caddy {
        guard let program = Program.find("caddy") else { throw BenchmarkError(absence.what) }
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let port = try freePort()
        let file = try directory.write(configuration(port: port, to: backPort), to: "Caddyfile")
        // Whatever it keeps, it keeps there.
        let environment = ["HOME": directory.path, "XDG_DATA_HOME": directory.path, "XDG_CONFIG_HOME": directory.path]
        let process = try TestProcess(
            program, ["run", "--config", file, "--adapter", "caddyfile"], environment: environment)
        let caddy = Caddy(directory: directory, process: process, url: "http://127.0.0.1:\(port)\(path)")
        try await process.answers(path, at: "127.0.0.1:\(port)", name: "caddy")
        return caddy
    }

    private init(directory: TemporaryDirectory, process: TestProcess, url: String) {
        self.directory = directory
        self.process = process
        self.url = url
    }

    func stop() async {
        await process.stop()
        directory.close()
    }

    private static func configuration(port: Int, to backPort: Int) -> String {
        """
        {
            admin off
            auto_https off
        }
        http://127.0.0.1:\(port) {
            reverse_proxy 127.0.0.1:\(backPort) {
                transport http {
                    keepalive_idle_conns_per_host 256
                }
            }
        }

        """
    }
}
