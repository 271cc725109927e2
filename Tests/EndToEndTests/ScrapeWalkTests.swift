import Foundation
import JSONBytes
import TestSupport
import Testing

/// The scraper's façade as its document describes it, over sockets, with the real program and a server of the X API.
struct ScrapeWalkTests {
    /// The document's whole walk: create, start, poll, results, search, export in both forms, executions, delete.
    @Test func theWholeDocumentWorksAsWritten() async throws {
        try await withSystem { system, _ in
            let base = system.scrapeURL
            let draft = #"""
                {"task_name": "采集用户推文", "describe": "采集指定用户的最新推文", "task_type": "USER_TWEETS",
                "parameters": {"username": "elonmusk", "limit": 50, "include_replies": false, "include_retweets": false},
                "user_id": "user-789"}
                """#
            let created = try await HTTP.post("\(base)/tasks", draft)
            #expect(created.status == 201)
            let task = try #require(try created.json["id"]?.string)
            #expect(task.hasPrefix("task-"))
            let listed = try await HTTP.get("\(base)/tasks/?page=1&size=10&status=PENDING&user_id=user-789").json
            #expect(listed["items"]?.elements == [try created.json] && listed["pages"] == 1)

            let started = try await HTTP.post("\(base)/tasks/\(task)/start", "")
            #expect(started.status == 200)
            #expect(
                try started.json.members?.map(\.key)
                    == ["id", "task_name", "status", "error_message", "created_at", "updated_at"])
            #expect(try started.json["status"] == "RUNNING")
            try await eventually(within: .seconds(60), "the task to be completed") {
                try await HTTP.get("\(base)/tasks/\(task)").json["status"] == "COMPLETED"
            }

            let results = try await HTTP.get("\(base)/tasks/\(task)/results?skip=10&limit=20&data_type=tweet").json
            #expect(results["total"] == 50 && results["page"] == 1 && results["size"] == 20 && results["pages"] == 3)
            #expect(results["items"]?.elements?.count == 20)
            #expect(
                results["items"]?[0]?.members?.map(\.key)
                    == ["id", "task_id", "data_type", "data", "metadata", "created_at"])
            let found = try await HTTP.get("\(base)/tasks/search/results?query=username:elonmusk,text:tesla&limit=50")
            #expect(try found.json["total"]?.integer ?? 0 > 5 && found.json["size"] == 50)

            try await exports(task, base)

            let executions = try await HTTP.get("\(base)/task-executions?task_id=\(task)").json
            #expect(executions["total"] == 1 && executions["size"] == 20)
            let execution = try #require(executions["items"]?[0])
            #expect(execution["status"] == "COMPLETED" && execution["result_count"] == 50)
            let id = try #require(execution["id"]?.string)
            #expect(try await HTTP.get("\(base)/task-executions/\(id)").json == execution)
            let history = "\(base)/task-executions/task/\(task)"
            #expect(try await HTTP.get(history).json == .array([execution]))
            #expect(try await HTTP.get("\(history)?skip=1&limit=5").json == .array([]))
            #expect(try await HTTP.get("\(history)?limit=10001").status == 422)

            let deleted = try await HTTP.send("DELETE", "\(base)/tasks/\(task)")
            #expect(deleted.text == #"{"message":"Task and related results deleted successfully"}"#)
            for path in ["tasks/\(task)", "tasks/\(task)/results"] {
                let gone = try await HTTP.get("\(base)/\(path)")
                #expect(gone.status == 404 && gone.text == #"{"detail":"Task not found"}"#)
            }
            let export = try await HTTP.send("POST", "\(base)/tasks/export/\(task)?format=csv")
            #expect(export.status == 404 && export.text == #"{"detail":"Task not found"}"#)
            #expect(try await HTTP.get("\(base)/task-executions/task/\(task)").text == "[]")
            #expect(try await HTTP.get("\(base)/task-executions").json["total"] == 0)
        }
    }

    private func exports(_ task: String, _ base: String) async throws {
        let json = try await HTTP.send("POST", "\(base)/tasks/export/\(task)")
        #expect(json.status == 200 && json.header("content-type") == "application/json")
        #expect(try json.json["total"] == 50 && json.json["data"]?.elements?.count == 50)
        let csv = try await HTTP.send("POST", "\(base)/tasks/export/\(task)?format=csv")
        #expect(csv.header("content-type") == "text/csv")
        let name = task.replacing("-", with: "_") + "_results.csv"
        #expect(csv.header("content-disposition") == "attachment; filename=\(name)")
        #expect(csv.text.hasPrefix("id,data.id,data.text,") && csv.text.contains(",created_at\r\n"))
        let unknown = try await HTTP.send("POST", "\(base)/tasks/export/\(task)?format=pdf")
        #expect(unknown.status == 422)
        #expect(try unknown.json["detail"]?[0]?["loc"] == ["query", "format"])
    }

    /// Killed in the middle of 3,500 posts: every post once, the count right, no more than one page asked for twice.
    @Test func aCrawlSurvivesKill9() async throws {
        try await withSystem { first, x in
            let gate = Gate()
            x.change { $0.wait = { call, _ in if call == 20 { await gate.wait() } } }
            let draft = #"""
                {"task_name": "all", "task_type": "USER_TWEETS", "user_id": "u", "auto_start": true, "parameters":
                {"username": "elonmusk", "limit": 100000, "include_replies": true, "include_retweets": true}}
                """#
            let created = try await HTTP.post("\(first.scrapeURL)/tasks", draft)
            let task = try #require(try created.json["id"]?.string)
            try await eventually("the middle of the crawl") { x.calls == 20 }
            try await first.kill()
            gate.open()
            let system = try await Self.start(in: first.dataDirectory, x)
            let base = system.scrapeURL
            try await eventually(within: .seconds(60), "the task to be completed") {
                try await HTTP.get("\(base)/tasks/\(task)").json["status"] == "COMPLETED"
            }
            let ids = try await HTTP.send("POST", "\(base)/tasks/export/\(task)?format=ids").text.split(separator: "\n")
            #expect(ids.count == 3_500 && Set(ids).count == 3_500)
            let executions = try await HTTP.get("\(base)/task-executions?task_id=\(task)").json
            #expect(executions["total"] == 1 && executions["items"]?[0]?["result_count"] == 3_500)
            #expect(x.calls <= 37)
            try await system.stop()
        }
    }

    /// Answers of the gateway itself are in the façade's own words.
    @Test func whatTheGatewayRefusesIsSaidAsTheDocumentSaysIt() async throws {
        try await withSystem { system, _ in
            let base = system.scrapeURL
            for (method, path, status, text) in [
                ("GET", "nothing", 404, "Not Found"), ("PATCH", "tasks", 405, "Method Not Allowed"),
                ("GET", "tasks/batch", 405, "Method Not Allowed"),
                ("GET", "task-executions/exec-1", 404, "Task execution with ID exec-1 not found"),
                ("GET", "tasks/search/results?query=tesla", 400, nil),
            ] as [(String, String, Int, String?)] {
                let answer = try await HTTP.send(method, "\(base)/\(path)")
                #expect(answer.status == status, "\(path): \(answer.text)")
                let detail = try answer.json["detail"]?.string
                #expect(text == nil ? detail != nil : detail == text)
            }
        }
    }

    private static func start(in directory: String, _ x: XAPITestServer) async throws -> PailouProcess {
        try await PailouProcess.start(
            in: directory,
            environment: ["PAILOU_SCRAPE_X_BASE_URL": x.url, "PAILOU_SCRAPE_BEARER_TOKEN": "secret-token"])
    }

    private func withSystem(_ body: (PailouProcess, XAPITestServer) async throws -> Void) async throws {
        let x = try await XAPITestServer()
        let directory = try TemporaryDirectory()
        let system = try await Self.start(in: directory.path("data"), x)
        do {
            try await body(system, x)
        } catch {
            try? await system.kill()
            await x.close()
            throw error
        }
        try await system.stop()
        await x.close()
    }
}
