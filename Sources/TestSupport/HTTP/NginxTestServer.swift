import Foundation

/// nginx, as somebody else's server is set up.
package final class NginxTestServer: Sendable {
    /// Ports are asked of the system before nginx has them; somebody may be faster.
    private static let triesMax = 5

    private let directory: TemporaryDirectory
    private let process: TestProcess
    package let port: Int

    /// With TLS and HTTP/2; serves `/NAME?page=N` as the file `NAME-N` below `folder`.
    ///
    /// - Parameter clientAuthority: Only clients with a certificate of this authority are served.
    package static func start(
        serving folder: String, as identity: TestCertificates.Identity, clientAuthority: String? = nil
    ) async throws -> NginxTestServer {
        let verification = clientAuthority.map { "ssl_client_certificate \($0); ssl_verify_client on;" } ?? ""
        return try await start { port in
            """
            listen 127.0.0.1:\(port) ssl http2;
            ssl_certificate \(identity.certificate);
            ssl_certificate_key \(identity.key);
            \(verification)
            root \(folder);
            location / { rewrite ^(.*)$ $1-$arg_page break; }
            """
        }
    }

    /// - Parameter server: What stands in the `server` block for a port of 127.0.0.1.
    package static func start(_ server: (_ port: Int) -> String) async throws -> NginxTestServer {
        for _ in 1..<triesMax {
            let port = ClosedPort().port
            if let started = try? await NginxTestServer(port, server(port)) { return started }
        }
        let port = ClosedPort().port
        return try await NginxTestServer(port, server(port))
    }

    private init(_ port: Int, _ server: String) async throws {
        let directory = try TemporaryDirectory(prefix: "pailou-nginx")
        try directory.write(Self.configuration(directory.path, server), to: "nginx.conf")
        let process = try TestProcess(
            "nginx", ["-p", directory.path, "-c", directory.path("nginx.conf"), "-e", "stderr"])
        self.port = port
        self.directory = directory
        self.process = process
        try await eventually("nginx to listen") {
            guard process.isRunning else { throw NginxEnded(output: process.standardError) }
            return (try? await RawTCPClient(port: port)) != nil
        }
    }

    /// Of every request so far: the connection's number, the protocol, the client's subject, the status, the target.
    package var requests: [[String]] {
        let text = FileManager.default.contents(atPath: directory.path("access.log")) ?? Data()
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
    }

    package func stop() async { await process.stop() }

    private struct NginxEnded: Error, CustomStringConvertible {
        let output: String
        var description: String { "nginx ended: \(output)" }
    }

    private static func configuration(_ directory: String, _ server: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(directory)/\($0);" }.joined(separator: "\n    ")
        // Root's workers would be another user's, who could not read what is served.
        return """
            daemon off;
            \(geteuid() == 0 ? "user root;" : "")
            pid \(directory)/nginx.pid;
            worker_processes 1;
            events { worker_connections 256; }
            http {
                log_format test '$connection|$server_protocol|$ssl_client_s_dn|$status|$request_uri';
                access_log \(directory)/access.log test;
                default_type application/json;
                \(temporary)
                server {
                    \(server)
                }
            }

            """
    }
}
