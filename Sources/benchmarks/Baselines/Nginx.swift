import Foundation
import TestSupport

/// nginx of our own: its configuration, pid files and temporary files in one temporary directory, ports that were free.
final class Nginx: Running {
    private let directory: TemporaryDirectory
    private let processes: [TestProcess]
    /// `host:port`
    let address: String
    /// Of the server behind the proxy.
    let backPort: Int

    static var isInstalled: Bool { Program.find("nginx") != nil }
    static let absence: Absence = ("nginx is not installed", "install it with: apt-get install nginx-light")

    /// All its processes.
    var trees: [ProcessTree] { processes.map { ProcessTree(pid: $0.pid) } }

    /// Two of them, one as a plain reverse proxy in front of the other, which answers every path with the record.
    static func startProxy(answering record: [UInt8]) async throws -> Nginx {
        let (front, back) = (try freePort(), try freePort())
        let servers = ["back": NginxServer.constant(record, port: back), "front": .proxy(to: back, port: front)]
        let nginx = try Nginx(servers, port: front, backPort: back)
        try await nginx.answers("/record")
        return nginx
    }

    /// One that serves the files of a directory.
    static func startFiles(in folder: String) async throws -> Nginx {
        let port = try freePort()
        let nginx = try Nginx(["files": .files(in: folder, port: port)], port: port, backPort: port)
        try await nginx.answers(NginxServer.readyPath)
        return nginx
    }

    private init(_ servers: [String: NginxServer], port: Int, backPort: Int) throws {
        guard let program = Program.find("nginx") else { throw BenchmarkError(Self.absence.what) }
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        self.directory = directory
        self.backPort = backPort
        address = "127.0.0.1:\(port)"
        processes = try servers.sorted { $0.key < $1.key }.map { name, server in
            try directory.write(server.configuration(name), to: "\(name).conf")
            return try TestProcess(
                program, ["-p", directory.path, "-c", directory.path("\(name).conf"), "-e", "stderr"])
        }
    }

    private func answers(_ path: String) async throws {
        for process in processes { try await process.answers(path, at: address, name: "nginx") }
    }

    func stop() async {
        for process in processes { await process.stop() }
        directory.close()
    }
}

/// What one nginx does.
struct NginxServer {
    private var text: String

    /// Where one that answers a constant first takes a whole body.
    static let bodyPath = "/body"

    /// Answers a constant: no file is opened.
    static func constant(_ record: [UInt8], port: Int) -> NginxServer {
        let text = String(decoding: record, as: UTF8.self).replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return NginxServer(
            text: """
                server {
                    listen 127.0.0.1:\(port);
                    location / { default_type application/json; return 200 '\(text)'; }
                    location = \(bodyPath) {
                        proxy_pass http://127.0.0.1:\(port)/; proxy_pass_request_body off; proxy_method GET;
                        proxy_set_header Content-Length "";
                    }
                }
                """)
    }

    /// Passes everything on, over connections that it keeps.
    static func proxy(to back: Int, port: Int) -> NginxServer {
        NginxServer(
            text: """
                upstream back { server 127.0.0.1:\(back); keepalive 256; keepalive_requests 100000000; }
                server {
                    listen 127.0.0.1:\(port);
                    location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }
                }
                """)
    }

    /// Where one that serves files answers without any.
    static let readyPath = "/ready"

    /// Serves files in the way that is fastest for it.
    static func files(in folder: String, port: Int) -> NginxServer {
        NginxServer(
            text: """
                server {
                    listen 127.0.0.1:\(port);
                    root \(folder); sendfile on; tcp_nopush on;
                    location = \(readyPath) { return 200 ''; }
                }
                """)
    }

    /// The whole file.
    func configuration(_ name: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(name)-\($0);" }.joined(separator: "\n    ")
        // Root's workers would be another user's, who could not read what is served.
        return """
            daemon off;
            \(geteuid() == 0 ? "user root;" : "")
            pid \(name).pid;
            worker_processes auto;
            events { worker_connections 4096; }
            http {
                access_log off;
                keepalive_requests 100000000;
                client_max_body_size 64m;
                client_body_buffer_size 64m;
                \(temporary)
                \(text)
            }

            """
    }
}
