import Database
import DatabasePostgreSQL
import Foundation
import Logging
import PostgreSQLTesting
import TestSupport
import Testing

@testable import JobQueue

@Suite("processes whose server is killed under load")
struct ServerCrashTests {
    /// `make soak` asks for more.
    private static let crashes =
        ProcessInfo.processInfo.environment["TEST_SERVER_CRASHES"].flatMap { Int($0) } ?? 5

    /// What callers were told: a job counts as accepted when its transaction was answered.
    private let accepted = Shared<[JobID]>([])
    private let isOver = Shared(false)

    private func submit(to process: ProcessHarness) async {
        while !isOver.value {
            // A refusal promises nothing.
            guard let id = try? await process.submit() else {
                try? await ContinuousClock().sleep(for: .milliseconds(5))
                continue
            }
            accepted.change { $0.append(id) }
        }
    }

    // server      ······ killed, started ······ killed, started ······ killed, started ······
    // processes   submit, run, record ──────────────────────────────────────────────────► all have one outcome
    @Test("lose no accepted job, give none two outcomes, and go on by themselves")
    func crash() async throws {
        let server = try await PostgreSQLServer()
        let address = try await server.makeDatabase()
        let handler = ScriptedHandler { _ in .succeeded(result: [1]) }
        let processes = (0..<2).map { _ in
            ProcessHarness(address, handler) {
                $0.queues = [QueueOptions(name: "default", concurrencyMax: 16)]
                $0.workers = .short
                $0.pollInterval = .milliseconds(100)
            }
        }
        try await ProcessHarness.running(processes) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in processes { for _ in 0..<4 { group.addTask { await submit(to: process) } } }
                defer { isOver.change { $0 = true } }
                for crash in 1...Self.crashes {
                    let wanted = accepted.value.count + 50
                    try await eventually(within: .seconds(30), "jobs before crash \(crash)") {
                        accepted.value.count >= wanted
                    }
                    try await server.crash()
                    try await server.restart()
                }
                let wanted = accepted.value.count + 50
                try await eventually(within: .seconds(30), "jobs after the last crash") {
                    accepted.value.count >= wanted
                }
                isOver.change { $0 = true }
                try await group.waitForAll()
            }
            try await eventually(within: .seconds(30), "the end of all jobs") {
                let open: Int? = try await processes[0].database.read { transaction in
                    try transaction.value("SELECT count(*) FROM jobs WHERE ended_at IS NULL")
                }
                return open == 0
            }
        }
        try await judge(address)
        await server.close()
    }

    private func judge(_ address: String) async throws {
        let database = PostgreSQLDatabase(
            PostgreSQLDatabaseOptions(connection: address), logger: Logger(label: "test"))
        let check = StoreCheck(JobSchema.migrations, rules: JobRules.all(in: .postgreSQL))
        let (report, outcomes) = try await database.read { transaction in
            let rows = try transaction.query(
                "SELECT job, count(*) AS ends FROM job_attempts WHERE outcome = 'succeeded' GROUP BY job")
            let ends = try rows.map { (try $0.get("job", as: JobID.self), try $0.get("ends", as: Int.self)) }
            return (try check.report(in: transaction), Dictionary(uniqueKeysWithValues: ends))
        }
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(accepted.value.count > Self.crashes * 50)
        for id in accepted.value { #expect(outcomes[id] == 1, "job \(id)") }
        await database.close()
    }
}
