import Database
import Logging
import PostgreSQLTesting
import ServiceContracts
import TestSupport
import Testing

@testable import ExportService

/// Data directories and servers that earlier versions have written.
@Suite("a store of an earlier version", .postgreSQL)
struct UpgradeTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("opens with all that is in it, and its work goes on", arguments: OldStore.allCases)
    func opens(_ old: OldStore) async throws {
        let source = try await PagedSource(total: 25).server()
        let calls = Shared(0)
        let receiver = try await HTTPTestServer { _ in
            calls.change { $0 += 1 }
            return .status(200)
        }
        let directory = try TemporaryDirectory()
        let database = try await old.open(in: directory, logger: Self.logger)
        try await old.write(
            in: database, source: source.url + "/rows", callback: receiver.url + "/done", now: WallClock.milliseconds())
        _ = try directory.write("12345", to: "artifacts/202109/06/\(OldStore.finished).zip")
        try await withExports(store: database, in: directory) { harness in
            let finished = try await harness.detail(OldStore.finished)
            #expect(finished.summary.status == .succeeded && finished.rows == 500)
            #expect(try await harness.download(path: "/v1/down/202109/06/\(OldStore.finished).zip").octets.count == 5)
            #expect(try await harness.detail(OldStore.failed).summary.failReason == "its source was gone")
            #expect(try await harness.detail(OldStore.cancelled).summary.status == .cancelled)
            // What ran under a process that is dead runs again, what waited runs.
            #expect(try await harness.ended(OldStore.running).rows == 25)
            let waiting = try await harness.ended(OldStore.waiting)
            #expect(waiting.summary.status == .succeeded && waiting.rows == 1, "\(waiting.summary.failReason)")
            try await eventually("the callback") { calls.value == 1 }
            let check = StoreCheck(
                ExportSchema.storeMigrations, rules: ExportSchema.storeRules(in: database.dialect))
            let report = try await database.read { try check.report(in: $0) }
            #expect(report.findings.isEmpty, "\(report.findings)")
            #expect(report.versions == ["jobs": 5, "outbox": 1, "export": 2, "idempotency": 1])
        }
        await source.close()
        await receiver.close()
    }

    @Test(
        "is refused whole when a newer program has written a part of it", arguments: [OldStore.first, .secondOnServer])
    func refuses(_ old: OldStore) async throws {
        let directory = try TemporaryDirectory()
        let database = try await old.open(in: directory, logger: Self.logger)
        try await old.write(in: database, source: "http://127.0.0.1:1/", callback: "http://127.0.0.1:1/", now: 1)
        try await database.write {
            _ = try $0.execute(
                "INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('outbox', 9, 'to come', 1)")
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await database.migrate(ExportSchema.storeMigrations)
        }
        #expect(error?.kind == .newerStore)
        #expect(error?.message.contains("version 9 of outbox") == true, "\(String(describing: error))")
        #expect(error?.message.contains("start the newer program, or restore a backup") == true)
        let rows = try await database.read { try $0.query("SELECT service, number FROM schema_versions") }
        #expect(rows.count == (old == .first ? 3 : 5))
        await database.close()
    }
}
