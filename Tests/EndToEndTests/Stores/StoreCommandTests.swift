import Foundation
import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// Stores copied, checked and migrated from the command line, beside the service they belong to and without it.
@Suite(.postgreSQL) struct StoreCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var data: String { directory.path("data") }
    private var store: String { directory.path("data/export/store.sqlite") }

    private func run(_ words: [String], of data: String? = nil) async throws -> ProcessResult {
        try await runProcess(
            PailouProcess.program, ["store"] + words + ["--data-dir", data ?? self.data], within: .seconds(120))
    }

    private func report(_ words: [String], of data: String? = nil) async throws -> JSONValue {
        let result = try await run(words + ["--json"], of: data)
        #expect(result.status == 0, "\(words): \(result.standardOutput) \(result.standardError)")
        return try JSONValue(parsing: result.standardOutput.utf8.dropLast())
    }

    /// Statements on the file itself, by SQLite's own means.
    private func sql(_ statements: String, in file: String? = nil) async throws -> String {
        let program = """
            import sqlite3, sys
            connection = sqlite3.connect(sys.argv[1])
            rows = [row for text in sys.argv[2].split(";") for row in connection.execute(text)]
            connection.commit()
            connection.close()
            print(rows)
            """
        return try await runSuccessfully("python3", ["-c", program, file ?? store, statements]).standardOutput
    }

    /// Exports that were accepted; submits until told to stop.
    private func submitting(
        to system: PailouProcess, _ body: (Shared<[String]>) async throws -> Void
    ) async throws {
        let accepted = Shared<[String]>([])
        let isOver = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var number = 0
                while !isOver.value {
                    number += 1
                    let raw = #"""
                        {"timestamp": 1625106207, "ext_type": "CSV", "title": "copied \#(number)", "user_id": "1",
                         "callback": "", "source_raw": "[{\"n\":\"Number\"},{\"n\":\#(number)}]"}
                        """#
                    let answer = try await HTTP.post(system.exportURL + "/v1/export/raw", raw)
                    guard let key = try answer.json["data"]?["hash_key"]?.string else { continue }
                    accepted.change { $0.append(key) }
                }
            }
            defer { isOver.change { $0 = true } }
            try await body(accepted)
            isOver.change { $0 = true }
            try await group.waitForAll()
        }
    }

    // service   export  export  export  export  export  export  export ···
    // backup            └── snapshot ──► copy ──► checked, in its place
    @Test func aCopyMadeUnderLoadHoldsAllThatWasAcceptedBeforeItBegan() async throws {
        let system = try await PailouProcess.start(in: data)
        let copy = directory.path("copy.sqlite")
        var before: [String] = []
        try await submitting(to: system) { accepted in
            try await eventually(within: .seconds(60), "some exports") { accepted.value.count >= 20 }
            before = accepted.value
            let report = try await report(["backup", copy])
            #expect(report["file"]?.string == copy)
            #expect(report["bytes"]?.integer == (try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int))
            #expect(try await self.report(["check"])["ok"]?.bool == true)
        }
        let again = try await run(["backup", copy])
        #expect(again.status == 1)
        #expect(again.standardError.contains("is there already"), "\(again.standardError)")
        #expect(try await run(["backup", copy, "--replace"]).status == 0)
        let itself = try await run(["backup", store, "--replace"])
        #expect(itself.status == 1)
        #expect(itself.standardError.contains("is the store itself"), "\(itself.standardError)")
        try await system.stop()

        // Files of exports are beside the store: a copy of the directory, and the copied store in its place.
        let restored = directory.path("restored")
        try FileManager.default.copyItem(atPath: data, toPath: restored)
        for end in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: restored + "/export/store.sqlite" + end)
        }
        try FileManager.default.copyItem(atPath: copy, toPath: restored + "/export/store.sqlite")
        #expect(try await report(["check"], of: restored)["ok"]?.bool == true)
        let second = try await PailouProcess.start(in: restored)
        let client = ExportClient(baseURL: second.exportURL)
        for key in before { #expect(try await client.finished(key)["status"]?.integer == 2) }
        try await second.stop()
    }

    @Test func aBackupThatIsKilledLeavesTheLastOneAsItWasAndTheNextOneSucceeds() async throws {
        let system = try await PailouProcess.start(in: data)
        try await system.stop()
        _ = try await sql(
            """
            CREATE TABLE ballast (octets BLOB);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
            INSERT INTO ballast SELECT randomblob(1000000) FROM n
            """)
        let running = try await PailouProcess.start(in: data)
        let copy = directory.path("copy.sqlite")
        #expect(try await run(["backup", copy]).status == 0)
        let last = try FileManager.default.attributesOfItem(atPath: copy)[.systemFileNumber] as? Int
        var kills = 0
        for _ in 0..<10 where kills < 3 {
            let words = ["store", "backup", copy, "--replace", "--data-dir", data]
            let backup = try TestProcess(PailouProcess.program, words)
            try await eventually("a copy that grows") {
                let size = try? FileManager.default.attributesOfItem(atPath: copy + ".partial")[.size] as? Int
                return (size ?? 0) > 4 << 20 || !backup.isRunning
            }
            backup.signal(SIGKILL)
            let end = try await backup.waitForExit()
            guard end.signal == SIGKILL else { continue }
            kills += 1
            #expect(try FileManager.default.attributesOfItem(atPath: copy)[.systemFileNumber] as? Int == last)
            #expect(try await sql("PRAGMA quick_check", in: copy) == "[('ok',)]\n")
        }
        #expect(kills > 0)
        #expect(try await run(["backup", copy, "--replace"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: copy + ".partial"))
        #expect(try await run(["check"]).status == 0)
        try await running.stop()
    }

    @Test func checkTellsWhatDoesNotHold() async throws {
        let system = try await PailouProcess.start(in: data)
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        _ = try await client.finished(key)
        try await system.stop()
        let sound = try await report(["check"])
        #expect(sound["versions"]?["jobs"]?.integer == 5)
        #expect(sound["findings"]?.elements?.isEmpty == true)
        _ = try await sql(
            "UPDATE jobs SET state = 'running', executing = 7; DELETE FROM job_payloads; UPDATE exports SET status = 3")
        let broken = try await run(["check", "--json"])
        #expect(broken.status == 1)
        let rules = try JSONValue(parsing: broken.standardOutput.utf8.dropLast())["findings"]?.elements?.compactMap {
            $0["rule"]?.string
        }
        #expect(
            rules == [
                "a job has an end exactly when its state is terminal",
                "a job that runs has an execution, the one with its newest fence",
                "a job that has not ended has its parameters", "an outcome is that of its job",
                "an export has ended as its job has",
            ], "\(broken.standardOutput)")

        // Page 2 and all behind it.
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: store))
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 65_536))
        try file.close()
        let damaged = try await run(["check"])
        #expect(damaged.status == 1)
        #expect(
            damaged.standardOutput.contains("the file is sound"), "\(damaged.standardOutput)\(damaged.standardError)")
        let copy = try await run(["backup", directory.path("damaged.sqlite")])
        #expect(copy.status == 1)
        #expect(!FileManager.default.fileExists(atPath: directory.path("damaged.sqlite")))
    }

    @Test func aStoreIsMigratedOnlyWhileNobodyRunsAndNeverBackwards() async throws {
        let none = try await run(["migrate"])
        #expect(none.status == 1)
        #expect(none.standardError.contains("expected a store at"), "\(none.standardError)")
        #expect(!FileManager.default.fileExists(atPath: store))
        let system = try await PailouProcess.start(in: data)
        let busy = try await run(["migrate"])
        #expect(busy.status == 1)
        #expect(busy.standardError.contains("is in use by process"), "\(busy.standardError)")
        try await system.stop()
        #expect(try await run(["migrate"]).standardOutput.contains("jobs: version 5 already"))

        _ = try await sql(
            "DELETE FROM schema_versions WHERE service = 'export' AND number = 2; DROP INDEX exports_to_forget")
        let older = try await run(["check"])
        #expect(older.status == 1)
        #expect(older.standardError.contains("migrate it first"), "\(older.standardError)")
        let migrated = try await report(["migrate"])
        #expect(migrated["before"]?["export"]?.integer == 1)
        #expect(migrated["after"]?["export"]?.integer == 2)

        _ = try await sql("INSERT INTO schema_versions VALUES ('jobs', 99, 'to come', 1)")
        let dump = try await sql("SELECT * FROM schema_versions; SELECT sql FROM sqlite_schema")
        for words in [["store", "migrate"], ["store", "check"], ["serve", "--ephemeral"]] {
            let refused = try await runProcess(PailouProcess.program, words + ["--data-dir", data])
            #expect(refused.status == 1, "\(words)")
            #expect(
                refused.standardError.contains("start the newer program, or restore a backup"),
                "\(words): \(refused.standardError)")
        }
        #expect(try await sql("SELECT * FROM schema_versions; SELECT sql FROM sqlite_schema") == dump)
        let strange = try await run(["check", "--service", "exprot"])
        #expect(strange.status == 64)
        #expect(strange.standardError.contains("expected one with a store: export, scrape"), "\(strange.standardError)")
    }

    @Test func aStoreOnAServerIsCopiedByItsOwnMeansCheckedAndMigrated() async throws {
        let address = try await PostgreSQLTrait.current.makeDatabase()
        let words = ["--store", address]
        #expect(try await report(["migrate"] + words)["after"]?["jobs"]?.integer == 5)
        let system = try await PailouProcess.start(in: data, words)
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10"))
        _ = try await client.finished(key)
        let copy = directory.path("copy.dump")
        #expect(try await report(["backup", copy] + words)["format"]?.string == "pg_dump")
        #expect(try await report(["check"] + words)["ok"]?.bool == true)
        #expect(try await report(["check", "--service", "scrape"] + words)["ok"]?.bool == true)
        try await system.stop()

        let second = try await PostgreSQLTrait.current.makeDatabase()
        try await runSuccessfully("pg_restore", ["--no-owner", "-d", second, copy])
        #expect(try await report(["check", "--store", second])["ok"]?.bool == true)
        let restored = try await PailouProcess.start(in: directory.path("other"), ["--store", second])
        #expect(try await ExportClient(baseURL: restored.exportURL).detail(key)["status"]?.integer == 2)
        try await restored.stop()
        let unreachable = try await run([
            "backup", directory.path("none"), "--store", "postgresql://u:letmein@127.0.0.1:1/x",
        ])
        #expect(unreachable.status == 1)
        #expect(!unreachable.standardError.contains("letmein"))
        #expect(!FileManager.default.fileExists(atPath: directory.path("none.partial")))
    }
}
