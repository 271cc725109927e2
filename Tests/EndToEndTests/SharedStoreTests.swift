import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// Both services of one process on one database of a server.
@Suite(.postgreSQL) struct SharedStoreTests {
    @Test func exportsAndTasksLiveSideBySide() async throws {
        let address = try await PostgreSQLTrait.current.makeDatabase()
        let x = try await XAPITestServer()
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--store", address],
            environment: ["PAILOU_SCRAPE_X_BASE_URL": x.url, "PAILOU_SCRAPE_BEARER_TOKEN": "secret-token"])
        let draft = #"""
            {"task_name": "t", "task_type": "USER_TWEETS", "user_id": "u", "auto_start": true,
            "parameters": {"username": "elonmusk", "limit": 300}}
            """#
        let task = try #require(try await HTTP.post("\(system.scrapeURL)/tasks", draft).json["id"]?.string)
        let client = ExportClient(baseURL: system.exportURL)
        let body = ExportClient.body(source: system.exportURL + "/demo/page", title: "beside", limit: 50)
        let export = try await client.finished(try await client.submit(body))
        #expect(export["status"]?.integer == 2, "\(export)")
        try await eventually(within: .seconds(60), "the task to be completed") {
            try await HTTP.get("\(system.scrapeURL)/tasks/\(task)").json["status"] == "COMPLETED"
        }
        let results = try await HTTP.get("\(system.scrapeURL)/tasks/\(task)/results?limit=1").json
        #expect(results["total"] == 300)
        try await system.stop()
        await x.close()
    }
}
