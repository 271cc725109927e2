import Database
import Foundation
import JSONBytes
import JobQueue
import Logging
import PostgreSQLTesting
import RPC
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ExportService

@Suite("the retention of records", .postgreSQL)
struct RecordRetentionTests {
    @Test("forgets exports that ended long ago and have no file, a few at a time", arguments: StoreEngine.allCases)
    func forgets(on engine: StoreEngine) async throws {
        let directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try await engine.open(in: directory, logger: logger)
        try await database.migrate(ExportSchema.storeMigrations)
        let request = try RequestRules().check(Sample.raw, .raw)
        let keys = (0..<30).map { HashKey(of: .number("\($0)")) }
        try await database.write { transaction in
            let store = ExportStore(transaction)
            for (number, key) in keys.enumerated() {
                let submission = Submission(request: request, body: [1], key: key)
                try store.insert(submission, job: JobID(rawValue: Int64(number)), at: 1_000)
                let id = try store.record(key: key)!.id
                // The first is being made, the second has a file, the third has ended lately.
                if number == 0 { continue }
                try store.setStatus(
                    number == 1 ? .succeeded : .failed, reason: "", of: id, at: number == 2 ? 9_000 : 2_000)
                if number == 1 {
                    try transaction.execute(
                        "UPDATE exports SET artifact = 'x', total_rows = 1, expires_at = 1 WHERE id = \(id)")
                }
            }
        }
        let needed = try await database.read { try ExportStore($0).needingRows(keys, endedAfter: 5_000) }
        #expect(needed == Set(keys.prefix(3)))
        var removed: [Int] = []
        while let count = try await database.write({ try ExportStore($0).forget(endedBefore: 5_000, limit: 10) })
            as Int?,
            count > 0
        {
            removed.append(count)
        }
        #expect(removed == [10, 10, 7])
        let left = try await database.read { transaction in
            try transaction.query(
                "SELECT hash_key FROM exports e JOIN export_requests r ON r.export = e.id ORDER BY id"
            )
            .map { try $0.get("hash_key", as: String.self) }
        }
        #expect(left == keys.prefix(3).map(\.text))
        #expect(try await database.read { try $0.value("SELECT count(*) FROM export_requests", as: Int.self) } == 3)
        await database.close()
    }

    @Test("refuses to run a raw export again whose rows are gone")
    func rowsThatAreGone() async throws {
        try await withExports { harness in
            let key = try await harness.submit(Sample.raw, ExportMethods.submitRaw)
            #expect(try await harness.ended(key).summary.status == .succeeded)
            _ = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            #expect(try await harness.ended(key).summary.status == .succeeded)
            try FileManager.default.removeItem(atPath: harness.directory.path("rows/\(key.prefix(2))/\(key)"))
            let refusal = await #expect(throws: RPCError.self) {
                try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            }
            #expect(refusal?.status == .failedPrecondition && refusal?.reason == "rows", "\(refusal?.message ?? "")")
            #expect(try await harness.detail(key).summary.status == .succeeded)
        }
    }
}
