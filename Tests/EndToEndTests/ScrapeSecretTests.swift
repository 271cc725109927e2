import Foundation
import JSONBytes
import TestSupport
import Testing

/// Secrets of the scraper's operators, looked for wherever they might show: the real program, its log at its most
/// talkative, its answers, its store and the copy of it.
struct ScrapeSecretTests {
    /// Each as it is given, and what of it must be seen nowhere.
    private static let token = "token-that-nobody-may-see"
    private static let password = "password-that-nobody-may-see"
    private static let webhookSecret = "whsec_" + Data("secret-that-nobody-may-see".utf8).base64EncodedString()
    private static let hidden = [token, password, String(webhookSecret.dropFirst(6)), "secret-that-nobody-may-see"]

    @Test func noSecretIsInLogsAnswersEventsOrBackups() async throws {
        let x = try await XAPITestServer()
        x.change { $0.token = Self.token }
        let receiver = try await HTTPTestServer { _ in .status(500) }
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "PAILOU_SCRAPE_X_BASE_URL": x.url, "PAILOU_LOG_LEVEL": "trace",
                "PAILOU_SCRAPE_ALLOWED_CALLBACKS": receiver.address, "PAILOU_OUTBOX_BACKOFF": "0s,10ms",
            ])
        let base = system.scrapeURL
        var seen = ""
        func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> JSONValue {
            let answer = try await HTTP.send(
                method, "\(base)/\(path)", headers: body == nil ? [] : [("content-type", "application/json")],
                body: body.map { Array($0.utf8) })
            seen += answer.text
            return try answer.json
        }
        _ = try await send("POST", "accounts", #"{"id": "ours", "bearer_token": "\#(Self.token)"}"#)
        _ = try await send(
            "POST", "proxies", #"{"id": "away", "url": "http://user:\#(Self.password)@127.0.0.1:1", "shared": true}"#)
        _ = try await send("POST", "accounts", #"{"bearer_token": "wrong \#(Self.token)"}"#)
        _ = try await send("POST", "proxies", #"{"url": "http://user:\#(Self.password)@host/path"}"#)
        // One through the proxy, which is dead; then one that is served, and one with a wrong name.
        for (user, proxies) in [("elonmusk", true), ("elonmusk", false), ("nobody", false)] {
            if !proxies { _ = try await send("PUT", "proxies/away", #"{"shared": false}"#) }
            let draft = #"""
                {"task_name": "t", "task_type": "USER_INFO", "user_id": "u", "account_id": "ours",
                "parameters": {"username": "\#(user)"}}
                """#
            let id = try #require(try await send("POST", "tasks", draft)["id"]?.string)
            _ = try await send(
                "POST", "tasks/\(id)/webhooks", #"{"url": "\#(receiver.url)", "secret": "\#(Self.webhookSecret)"}"#)
            _ = try await send("POST", "tasks/\(id)/start")
            seen += try await HTTP.get("\(base)/tasks/\(id)/events").text
            try await eventually(within: .seconds(60), "the end of the task") {
                try await send("GET", "tasks/\(id)")["status"] != "RUNNING"
            }
            let hook = try #require(try await send("GET", "tasks/\(id)/webhooks")[0]?["id"]?.string)
            try await eventually("the callback to fail") {
                try await send("GET", "tasks/\(id)/webhooks/\(hook)/deliveries")["items"]?[0]?["state"] == "failed"
            }
        }
        for path in ["accounts", "accounts/ours", "proxies", "proxies/away", "tasks/analytics/summary"] {
            _ = try await send("GET", path)
        }
        seen += receiver.requests.map { String(decoding: $0.body, as: UTF8.self) + "\($0.headers)" }.joined()
        #expect(x.requests.contains { $0.header("authorization") == "Bearer \(Self.token)" })
        let copy = directory.path("copy")
        let backup = try await runProcess(
            PailouProcess.program,
            ["store", "backup", copy, "--service", "scrape", "--data-dir", directory.path("data")])
        #expect(backup.status == 0, "\(backup.standardError)")
        seen += backup.standardOutput + backup.standardError
        let end = try await system.stop()
        seen += end.standardOutput + end.standardError
        for text in Self.hidden { #expect(!seen.contains(text), "an answer or the log has it") }
        #expect(seen.contains("127.0.0.1:1"))
        try expectNothing(below: directory.path)
    }

    private func expectNothing(below path: String) throws {
        let files = try #require(FileManager.default.enumerator(atPath: path))
        var count = 0
        for case let name as String in files {
            guard let octets = FileManager.default.contents(atPath: "\(path)/\(name)") else { continue }
            count += 1
            for text in Self.hidden { #expect(octets.range(of: Data(text.utf8)) == nil, "\(name)") }
        }
        #expect(count > 3)
    }

    @Test(arguments: [0o644, 0o640, 0o602])
    func aKeyThatOthersCanReadIsRefused(mode: Int) async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(String(repeating: "k", count: 64), to: "secrets.key")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let run = try await runProcess(
            PailouProcess.program, ["serve", "--data-dir", directory.path("data"), "--ephemeral"],
            environment: ["PAILOU_SCRAPE_SECRETS_KEY_FILE": file])
        #expect(run.status != 0)
        let said = run.standardOutput + run.standardError
        #expect(said.contains("expected a file that only its owner can read (mode 600)"), "\(said)")
        #expect(!said.contains("kkkk"))
    }
}
