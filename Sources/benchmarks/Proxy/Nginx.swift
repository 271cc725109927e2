import Foundation
import TestSupport

/// Two nginx of our own, one as a plain reverse proxy in front of the other, which answers a constant.
///
/// Both have their configuration, pid file and temporary files in one temporary directory, and ports that were free.
final class Nginx {
    private let directory: TemporaryDirectory
    private let processes: [TestProcess]
    let url: String

    static var isInstalled: Bool { Program.find("nginx") != nil }

    /// Starts both and waits until the record comes through.
    static func startProxy(answering record: [UInt8]) async throws -> Nginx {
        guard let program = Program.find("nginx") else { throw BenchmarkError("nginx is not installed") }
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let (front, back) = (try freePort(), try freePort())
        try directory.write(configuration("back", backend(port: back, record)), to: "back.conf")
        try directory.write(configuration("front", proxy(port: front, to: back)), to: "front.conf")
        let processes = try ["back", "front"].map { name in
            try TestProcess(program, ["-p", directory.path, "-c", directory.path("\(name).conf"), "-e", "stderr"])
        }
        let nginx = Nginx(directory: directory, processes: processes, url: "http://127.0.0.1:\(front)/record")
        let client = try ExportClient(facade: "127.0.0.1:\(front)")
        try await eventually(within: .seconds(10), "nginx to answer") {
            guard let ended = processes.first(where: { !$0.isRunning }) else {
                return (try? await client.body("/record")) == record
            }
            throw BenchmarkError("nginx ended at once: \(ended.standardError.suffix(1_000))")
        }
        return nginx
    }

    private init(directory: TemporaryDirectory, processes: [TestProcess], url: String) {
        self.directory = directory
        self.processes = processes
        self.url = url
    }

    func stop() async {
        for process in processes { await process.stop() }
        directory.close()
    }

    private static func configuration(_ name: String, _ servers: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(name)-\($0);" }.joined(separator: "\n    ")
        return """
            daemon off;
            pid \(name).pid;
            worker_processes auto;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 100000000;
                \(temporary)
                \(servers)
            }

            """
    }

    /// The record as a constant: no file is opened.
    private static func backend(port: Int, _ record: [UInt8]) -> String {
        let text = String(decoding: record, as: UTF8.self).replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        return """
            server {
                listen 127.0.0.1:\(port);
                location / { default_type application/json; return 200 '\(text)'; }
            }
            """
    }

    private static func proxy(port: Int, to back: Int) -> String {
        """
        upstream back { server 127.0.0.1:\(back); keepalive 256; keepalive_requests 100000000; }
        server {
            listen 127.0.0.1:\(port);
            location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
        """
    }
}
