import Foundation
import JSONBytes
import TestSupport
import Testing

/// Downloads as people make them: by curl, from the real program.
@Suite(.timeLimit(.minutes(3))) struct DownloadTests {
    private static let octets = 48 << 20
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// A finished export whose file is made large: only its octets matter here.
    private func largeExport(_ system: PailouProcess) async throws -> (key: String, file: String) {
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        #expect(try await client.finished(key)["status"]?.integer == 2)
        let folder = directory.path("data/export/artifacts")
        let name = try #require(
            FileManager.default.subpathsOfDirectory(atPath: folder).first { $0.hasSuffix(".zip") })
        let file = "\(folder)/\(name)"
        var random = SystemRandomNumberGenerator()
        var data = Data(capacity: Self.octets)
        while data.count < Self.octets {
            withUnsafeBytes(of: (random.next(), random.next(), random.next(), random.next())) {
                data.append(contentsOf: $0)
            }
        }
        try data.write(to: URL(fileURLWithPath: file))
        return (key, file)
    }

    /// Where the export's file is now; the port of a link is the one that took the request.
    private func link(_ key: String, at system: PailouProcess) async throws -> String {
        let detail = try await ExportClient(baseURL: system.exportURL).detail(key)
        let path = try #require(detail["down_url"]?.string?.split(separator: "/v1/down/").last)
        return "\(system.exportURL)/v1/down/\(path)"
    }

    private func size(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
    }

    // program   sends ── kill -9                started again
    // curl      a part of it ── an error        -C -: the rest of it
    @Test func aDownloadThatTheProgramsDeathInterruptedIsResumed() async throws {
        let system = try await PailouProcess.start(in: directory.path("data"))
        let (key, file) = try await largeExport(system)
        let part = directory.path("export.zip")
        let curl = try TestProcess(
            "curl", ["-sS", "--limit-rate", "8M", "-o", part, try await link(key, at: system)])
        try await eventually(within: .seconds(30), "the first octets") { size(part) > 1 << 20 }
        try await system.kill()
        #expect(try await curl.waitForExit().status != 0)
        let kept = size(part)
        #expect(kept < Self.octets)

        let again = try await PailouProcess.start(in: directory.path("data"))
        let rest = try await runSuccessfully(
            "curl",
            ["-sS", "-C", "-", "-o", part, "-w", "%{http_code} %{size_download}", try await link(key, at: again)])
        #expect(rest.standardOutput == "206 \(Self.octets - kept)")
        try await runSuccessfully("cmp", [part, file])
        // A file that is complete has no rest.
        let over = try await runProcess(
            "curl", ["-sS", "-C", "-", "-o", part, "-w", "%{http_code}", try await link(key, at: again)])
        #expect(over.standardOutput == "416", "\(over)")
        try await runSuccessfully("cmp", [part, file])
        try await again.stop()
    }

    @Test func manyDownloadsOfOneFileAtOnceAreAllWhole() async throws {
        let system = try await PailouProcess.start(in: directory.path("data"))
        let (key, file) = try await largeExport(system)
        let link = try await link(key, at: system)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let path = directory.path("\(number).zip")
                    try await runSuccessfully("curl", ["-sS", "-f", "-o", path, link], within: .seconds(120))
                    try await runSuccessfully("cmp", [path, file])
                    try FileManager.default.removeItem(atPath: path)
                }
                group.addTask {
                    let first = number * 1_000_003
                    let path = directory.path("\(number).part")
                    let range = "\(first)-\(first + 999)"
                    try await runSuccessfully(
                        "curl", ["-sS", "-f", "-r", range, "-o", path, link], within: .seconds(120))
                    try await runSuccessfully("cmp", ["-n", "1000", path, file, "0", "\(first)"])
                    #expect(size(path) == 1_000)
                }
            }
            try await group.waitForAll()
        }
        try await eventually("the file to be closed") {
            try !FileManager.default.contentsOfDirectory(atPath: "/proc/\(system.pid)/fd").contains { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(system.pid)/fd/\(name)")) == file
            }
        }
        try await system.stop()
    }

    // program   link ──►            (no octet of the file)
    // nginx                         the file, by sendfile
    @Test func aWebServerOnTheSameDirectoryHandsOutWhatTheLinksSay() async throws {
        let key = try directory.write(String(repeating: "k", count: 48), to: "link.key")
        let folder = directory.path("data/export/artifacts")
        // As Sources/pailou/README.md shows it.
        let nginx = try await NginxTestServer.start { port in
            """
            listen 127.0.0.1:\(port);
            location /exports/ {
                alias \(folder)/;
                secure_link $arg_md5,$arg_expires;
                secure_link_md5 "$secure_link_expires$uri \(String(repeating: "k", count: 48))";
                if ($secure_link = "") { return 403; }
                if ($secure_link = "0") { return 410; }
                sendfile on;
                default_type application/zip;
                add_header Content-Disposition "attachment; filename*=UTF-8''$arg_name";
            }
            """
        }
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "PAILOU_EXPORT_ARTIFACTS_URL": "http://127.0.0.1:\(nginx.port)/exports/",
                "PAILOU_EXPORT_LINK_KEY_FILE": key, "PAILOU_EXPORT_LINK_DURATION": "3s",
            ])
        let client = ExportClient(baseURL: system.exportURL)
        let export = try await client.submit(
            ExportClient.body(source: system.exportURL + "/demo/page?total=100", title: "报表 1"))
        let detail = try await client.finished(export)
        #expect(detail["link_expires_at"]?.string != nil, "\(detail)")
        var link = ""
        var whole: HTTP.Answer?
        try await eventually("a link in time") {
            link = try #require(try await client.detail(export)["down_url"]?.string)
            whole = try await HTTP.get(link)
            return whole?.status == 200
        }
        #expect(link.hasPrefix("http://127.0.0.1:\(nginx.port)/exports/2"))
        #expect(whole?.body.count == detail["bytes"]?.integer && whole?.body.starts(with: Array("PK".utf8)) == true)
        #expect(
            whole?.header("content-disposition")
                == "attachment; filename*=UTF-8''%E6%8A%A5%E8%A1%A8%201.zip")
        for (old, new) in [("expires=", "expires=1"), ("md5=", "md5=x"), ("/exports/2", "/exports/1")] {
            #expect(try await HTTP.get(link.replacing(old, with: new)).status == 403, "\(new)")
        }
        try await eventually("the link to expire") { try await HTTP.get(link).status == 410 }
        try await system.stop()
        await nginx.stop()
    }

    @Test func aLinkThatHasExpiredIsRefusedAsDocumentedAndTheDetailGivesAnother() async throws {
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["PAILOU_EXPORT_LINK_SIGNING": "true", "PAILOU_EXPORT_LINK_DURATION": "2s"])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        let detail = try await client.finished(key)
        #expect(detail["expires_at"]?.string != nil && detail["link_expires_at"]?.string != nil, "\(detail)")
        let link = try #require(detail["down_url"]?.string)
        try await eventually(within: .seconds(30), "the link to expire") { try await HTTP.get(link).status == 403 }
        let refused = try await HTTP.get(link)
        #expect(try refused.json["errcode"] == 403 && refused.json["data"] == .null)
        #expect(try refused.json["msg"]?.string?.contains("expired") == true, "\(refused.text)")
        #expect(!refused.text.contains("PK"))
        // Each answer brings a link of its own, which works for as long again.
        try await eventually("a link that works") {
            let fresh = try #require(try await client.detail(key)["down_url"]?.string)
            let status = try await HTTP.get(fresh).status
            return fresh != link && status == 200
        }
        try await system.stop()
    }
}
