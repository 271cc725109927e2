import Foundation
import TestSupport
import Testing

/// The façade against a stranger's reading of its own description: schemathesis makes requests, valid and not, from
/// `/openapi.json` and judges every answer by it.
struct SchemathesisTests {
    private static let package = "schemathesis==4.32.5"

    /// One check is left out where it cannot hold: a schema has no words for "one of two parameters" (`user_id`, `uid`),
    /// nor for what a URL or a text of rows must be.
    private static let configuration = """
        [[operations]]
        include-operation-id = ["exportHistory", "submitHTTPExport", "submitRawExport"]
        checks.positive_data_acceptance.enabled = false
        """

    @Test func everyAnswerOfExportsIsAsTheServedDocumentSays() async throws {
        try await judge("export", operations: 9, configuration: Self.configuration)
    }

    /// The store begins empty, so what is asked about ids is mostly answered 404; a schema has no words for what a query
    /// of a search, the parameters of a task or two days must be together, nor for how many webhooks a task may have.
    @Test func everyAnswerOfTheScraperIsAsTheServedDocumentSays() async throws {
        try await judge(
            "scrape", operations: 39,
            configuration: """
                [[operations]]
                include-operation-id = [
                    "searchResults", "createTask", "createTasks", "updateTask", "analyticsDaily", "analyticsFailures",
                    "createWebhook",
                ]
                checks.positive_data_acceptance.enabled = false
                """)
    }

    private func judge(_ facade: String, operations: Int, configuration: String) async throws {
        let python = try await pythonWithPackages([Self.package])
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: "schemathesis.toml")
        let system = try await PailouProcess.start(in: directory.path("data"))
        let address = "http://" + (try #require(system.endpoints.facades[facade]))
        let program = URL(fileURLWithPath: python).deletingLastPathComponent().appendingPathComponent("schemathesis")
        let result = try await runProcess(
            program.path,
            [
                "--config-file", file, "run", address + "/openapi.json", "--seed", "20230510",
                "--max-examples", "20", "--continue-on-failure", "--no-color", "--generation-database", "none",
            ], workingDirectory: directory.path, within: .seconds(240))
        #expect(result.status == 0, "\(result.standardOutput.suffix(8_000))\(result.standardError.suffix(2_000))")
        // It did ask, and of every operation.
        #expect(result.standardOutput.contains("\(operations) selected / \(operations) total"))
        #expect(try await HTTP.get(system.adminURL + "/readyz").status == 200)
        try await system.stop()
    }
}
