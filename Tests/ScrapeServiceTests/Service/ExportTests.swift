import JSONBytes
import PostgreSQLTesting
import RPC
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@Suite(.postgreSQL) struct ExportTests {
    private static let everything: JSONValue = [
        "username": "elonmusk", "limit": 600, "include_replies": true, "include_retweets": true,
    ]

    @Test(arguments: StoreEngine.allCases)
    func everyFormatHoldsEveryResult(engine: StoreEngine) async throws {
        try await withScraper(on: engine) { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            let data = try await harness.run(task)
            let ids = data.compactMap { $0["id"]?.string }
            let file = task.replacing("-", with: "_")

            let json = try await harness.export(task, "json")
            let whole = try JSONValue(parsing: json.octets)
            #expect(whole.members?.map(\.key) == ["data", "total"] && whole["total"] == 600)
            #expect(whole["data"]?.elements?.compactMap { $0["data"] } == data)
            #expect(whole["data"]?[0]?.members?.map(\.key) == ["id", "data", "created_at"])
            #expect(json.content.name == nil && json.content.type == "application/json")

            let lines = try await harness.export(task, "jsonl")
            let each = try lines.octets.split(separator: 10).map { try JSONValue(parsing: $0) }
            #expect(each.compactMap { $0["data"] } == data)
            #expect(lines.content.name == "\(file)_results.jsonl")

            let list = try await harness.export(task, "ids")
            #expect(String(decoding: list.octets, as: UTF8.self) == ids.map { $0 + "\n" }.joined())
        }
    }

    /// Python's own reader of CSV and openpyxl's of workbooks see what the JSON says.
    @Test func tablesAreReadByOthers() async throws {
        let python = try await pythonWithPackages(["openpyxl==3.1.5"])
        try await withScraper { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            _ = try await harness.run(task)
            var paths: [String] = []
            for format in ["json", "csv", "xlsx"] {
                let (content, octets) = try await harness.export(task, format)
                paths.append(try harness.directory.write(octets, to: "results.\(format)"))
                if format == "csv" {
                    #expect(content.type == "text/csv")
                    #expect(content.name == task.replacing("-", with: "_") + "_results.csv")
                    #expect(octets.starts(with: Array("id,data.id,data.text,data.created_at,".utf8)))
                }
            }
            let script = packageDirectory() + "/Tests/ScrapeServiceTests/Service/compare_tables.py"
            let result = try await runProcess(python, [script] + paths, within: .seconds(60))
            #expect(result.status == 0, "\(result.standardError.suffix(2_000))")
            #expect(result.standardOutput == "600 600\n")
        }
    }

    @Test func aTaskWithoutResultsHasEmptyFiles() async throws {
        try await withScraper { harness in
            let task = try await harness.task()
            #expect(try await harness.export(task, "json").octets == Array(#"{"data":[],"total":0}"#.utf8))
            #expect(try await harness.export(task, "csv").octets == Array("id,created_at\r\n".utf8))
            #expect(try await harness.export(task, "ids").octets.isEmpty)
        }
    }

    @Test func aWorkbookThatCannotHoldEverythingIsRefused() async throws {
        try await withScraper { configuration in
            configuration.workbookRowsMax = 99
            configuration.csvFormulaGuard = false
        } _: { harness in
            let task = try await harness.task(.userTweets, Self.everything)
            _ = try await harness.run(task)
            let error = try await harness.refusal(
                "scrape.result.export", ["task_id": .string(task), "format": "xlsx"])
            #expect(error.status == .failedPrecondition && error.reason == "workbook")
            #expect(error.message.contains("at most 99 results, found 600"))
            let csv = try await harness.export(task, "csv").octets
            #expect(String(decoding: csv, as: UTF8.self).contains(",@elonmusk indeed"))
        }
    }

    @Test func anUnknownFormatIsRefused() async throws {
        try await withScraper { harness in
            let task = try await harness.task()
            let error = try await harness.refusal(
                "scrape.result.export", ["task_id": .string(task), "format": "pdf"])
            #expect(error.details.map(\.type) == ["enum"])
        }
    }
}
