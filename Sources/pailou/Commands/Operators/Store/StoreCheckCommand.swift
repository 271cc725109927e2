import ArgumentParser
import Database
import DatabasePostgreSQL
import DatabaseSQLite
import PostgreSQLClient

/// Whether a store is what it should be.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage in a store, while the service runs or not; exits with 1 when there is any.",
        discussion: """
            Looked at are the file and its references (of a store on a server these are left to the server and \
            pg_amcheck), the schema's version, and what always holds over jobs, callbacks and records: counters equal \
            rows, one outcome a job, one callback an end.
            """)

    struct Answer: Encodable {
        struct Finding: Encodable {
            let rule: String
            let count: Int
            let examples: [String]
        }

        let service: String
        let ok: Bool
        let versions: [String: Int]
        let findings: [Finding]
    }

    /// What one rule may take on a large store.
    private static let ruleTimeout = Duration.seconds(3600)

    @OptionGroup var target: StoreTarget

    func run() async throws {
        let settings = try await target.settings()
        try await StartFailure.told {
            let report = try await report(server: StoreSettings.server(settings))
            let answer = Answer(
                service: target.service, ok: report.findings.isEmpty, versions: report.versions,
                findings: report.findings.map { .init(rule: $0.rule, count: $0.count, examples: $0.examples) })
            try target.show(answer) { Self.text(of: answer) }
            if !answer.ok { throw ExitCode.failure }
        }
    }

    private func report(server: String?) async throws -> StoreReport {
        guard let server else {
            let file = try SQLiteStoreFile(path: target.path)
            return try file.read { try target.description.check(in: .sqlite).report(in: $0) }
        }
        var options = PostgreSQLDatabaseOptions(connection: server, schema: target.description.schema)
        options.client.statementTimeout = Self.ruleTimeout
        let database = PostgreSQLDatabase(options, logger: target.logger)
        let check = target.description.check(in: .postgreSQL)
        do {
            let report = try await database.read { try check.report(in: $0) }
            await database.close()
            return report
        } catch {
            await database.close()
            throw error
        }
    }

    private static func text(of answer: Answer) -> String {
        let versions = answer.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let lines = answer.findings.map { finding in
            let names = finding.examples.map(TerminalText.plain).joined(separator: ", ")
            return "does not hold: \(finding.rule): \(finding.count), such as \(names)"
        }
        let end = answer.ok ? "no damage found" : "\(answer.findings.count) rules do not hold"
        return (lines + ["\(answer.service)'s store (\(versions.joined(separator: ", "))): \(end)"])
            .joined(separator: "\n")
    }
}
