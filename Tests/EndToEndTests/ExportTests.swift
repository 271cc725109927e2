import Foundation
import JSONBytes
import TestSupport
import Testing

/// The main job, through every layer of the real program.
struct ExportTests {
    @Test func anExportOfTheDemoSourceIsDownloadedAndOpened() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(
            ExportClient.body(source: system.exportURL + "/demo/page?total=2500", limit: 200))
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2, "\(detail)")
        #expect(detail["rows"]?.integer == 2500)
        #expect(detail["progress"]?.integer == 100)

        let answer = try await HTTP.get(try #require(detail["down_url"]?.string))
        #expect(answer.status == 200)
        let zip = directory.path("export.zip")
        try Data(answer.body).write(to: URL(fileURLWithPath: zip))
        let rows = try await Workbook.rows(ofZip: zip)
        #expect(rows.count == 2501)
        #expect(rows.first == ["编号", "姓名", "年龄"] || rows.first?.count == 3)
        try await system.stop()
    }

    @Test func timesLinksAndNamesOfRequestsAreAsTheServerIsSetUp() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: ["TZ": "XXX3:30", "PAILOU_GATEWAY_PUBLIC_URL": "https://exports.example"])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        let detail = try await client.finished(key)
        #expect(detail["created_at"]?.string?.hasSuffix("-03:30") == true, "\(detail)")
        let link = try #require(detail["down_url"]?.string)
        #expect(link.hasPrefix("https://exports.example/v1/down/2") && link.hasSuffix("/\(key).zip"))
        for name in ["x-request-id", "x-b3-traceid"] {
            let answer = try await HTTP.send(
                "GET", system.exportURL + "/v1/export/detail?key=" + key, headers: [(name, "named-by-\(name)")])
            #expect(try answer.json["request_id"]?.string == "named-by-\(name)")
        }
        try await system.stop()
    }

    @Test func twoHundredParallelSubmissionsOfOneBodyAreOneExport() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let body = ExportClient.body(source: system.exportURL + "/demo/page?total=100", title: "once")
        let keys = try await withThrowingTaskGroup(of: String.self) { tasks in
            for _ in 0..<200 { tasks.addTask { try await client.submit(body) } }
            return try await tasks.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        _ = try await client.finished(keys.first!)
        let history = try await HTTP.get(system.exportURL + "/v1/export/history?user_id=123")
        #expect(try history.json["data"]?.elements?.count == 1)
        try await system.stop()
    }

    @Test func anExportInterruptedByKillIsWholeAfterARestart() async throws {
        let directory = try TemporaryDirectory()
        // The source stands still after 20 pages until the program was killed, so that the kill hits a half export.
        let source = try await HeldSource.start(rows: 5000, pageHeld: 20)
        let environment = ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"]
        let first = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let key = try await ExportClient(baseURL: first.exportURL).submit(
            ExportClient.body(source: source.url, title: "killed", limit: 100))
        try await eventually("the source to be in the middle") { source.isHolding }
        try await first.kill()
        source.release()

        let second = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let client = ExportClient(baseURL: second.exportURL)
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2, "\(detail)")
        let path = try #require(detail["down_url"]?.string?.split(separator: "/v1/down/").last)
        let answer = try await HTTP.get(second.exportURL + "/v1/down/" + path)
        let zip = directory.path("export.zip")
        try Data(answer.body).write(to: URL(fileURLWithPath: zip))
        let rows = try await Workbook.rows(ofZip: zip)
        #expect(rows.count == 5001)
        #expect(rows[1...].map { $0[0] } == (0..<5000).map(String.init))
        try await second.stop()
        await source.close()
    }

    @Test func aRequestRepeatedUnderItsKeyIsDoneOnce() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        _ = try await client.finished(key)
        func retry(_ body: String, _ idempotencyKey: String) async throws -> HTTP.Answer {
            try await HTTP.post(
                system.exportURL + "/v1/export/retry", body, headers: [("Idempotency-Key", idempotencyKey)])
        }
        let first = try await retry(#"{"key":"\#(key)"}"#, "one")
        #expect(first.status == 200)
        #expect(try first.json["data"]?["status"] == 1)
        // Also when it has ended meanwhile: the answer is the first one's, and no third run begins.
        let ended = try await client.finished(key)
        let second = try await retry(#"{"key":"\#(key)"}"#, "one")
        #expect(second.status == 200)
        #expect(try second.json["data"] == first.json["data"])
        #expect(try await client.detail(key) == ended)
        let mismatch = try await retry(#"{"key": "\#(key)"}"#, "one")
        #expect(mismatch.status == 400)
        #expect(try mismatch.json["errcode"] == 400)
        let long = try await retry(#"{"key":"\#(key)"}"#, String(repeating: "k", count: 5_000))
        #expect(long.status == 400)
        // Where no key is taken the field is ignored.
        let history = try await HTTP.get(
            system.exportURL + "/v1/export/history?user_id=123", headers: [("Idempotency-Key", "one")])
        #expect(history.status == 200)
        try await system.stop()
    }

    @Test func signedLinksAreCheckedAtTheFacadeAndSurviveARestart() async throws {
        let directory = try TemporaryDirectory()
        let environment = ["PAILOU_EXPORT_LINK_SIGNING": "true", "PAILOU_EXPORT_LINK_DURATION": "1h"]
        let first = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let key = try await ExportClient(baseURL: first.exportURL).submit(
            ExportClient.body(source: first.exportURL + "/demo/page?total=10"))
        let detail = try await ExportClient(baseURL: first.exportURL).finished(key)
        let link = try #require(detail["down_url"]?.string)
        #expect(detail["link_expires_at"]?.string != nil)
        #expect(try await HTTP.get(link).status == 200)
        let forged = try await HTTP.get(link.replacing("expires=", with: "expires=1"))
        #expect(forged.status == 403)
        #expect(try forged.json["errcode"] == 403)
        #expect(try forged.json["data"] == .null)
        #expect(try await HTTP.get(String(link.prefix { $0 != "?" })).status == 403)
        try await first.stop()
        // A store that was closed has no log beside it that the next start would have to read.
        #expect(!FileManager.default.fileExists(atPath: directory.path("data/export/store.sqlite-wal")))
        let keyFile = directory.path("data/export/link.key")
        let mode = try FileManager.default.attributesOfItem(atPath: keyFile)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)

        let second = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let path = try #require(link.split(separator: "/v1/down/").last)
        #expect(try await HTTP.get("\(second.exportURL)/v1/down/\(path)").status == 200)
        try await second.stop()
    }

    @Test(arguments: [
        "/v1/down/202601/01/../../../../etc/passwd", "/v1/down/202601/01/..%2f..%2f..%2fstore.sqlite",
        "/v1/down/../../etc/passwd", "/v1/down/202601/01/%2e%2e", "/v1/down/202601/01/a%00.zip",
        "/v1/down/202601/01/\\..\\lock",
    ])
    func downloadsNeverLeaveTheirDirectory(path: String) async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = try await RawTCPClient(port: system.endpoints.port(facade: "export"))
        try await client.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        let answer = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 404") || answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
        #expect(!answer.contains("root:"))
        try await system.stop()
    }
}
