import Database
import DatabaseSQLite
import JSONBytes
import JobQueue
import Logging
import NIOCore
import RPC
import ServiceContracts
import TestSupport
import Testing

@testable import ExportService

/// A history longer than a plain client's longest frame.
@Suite struct HistoryTests {
    private static let count = 10_000

    /// A store with that many exports of one user, several in each millisecond.
    private func filledDirectory() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try SQLiteDatabase(path: directory.path("store.sqlite"), logger: logger)
        try await database.migrate(ExportSchema.migrations)
        let request = try RequestRules().check(Sample.raw, .raw)
        try await database.write { transaction in
            let store = ExportStore(transaction)
            for number in 0..<Self.count {
                let submission = Submission(request: request, body: [], key: HashKey(of: .number("\(number)")))
                let time = WallClock.milliseconds() - 1_000 + Int64(number / 100)
                try store.insert(submission, job: JobID(rawValue: Int64(number)), at: time)
            }
        }
        await database.close()
        return directory
    }

    @Test func itGoesBackSevenDays() async throws {
        let directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try SQLiteDatabase(path: directory.path("store.sqlite"), logger: logger)
        try await database.migrate(ExportSchema.migrations)
        let request = try RequestRules().check(Sample.raw, .raw)
        let (week, margin) = (Int64(7 * 86_400_000), Int64(600_000))
        let now = WallClock.milliseconds()
        try await database.write { transaction in
            for (number, age) in [0, week - margin, week + margin].enumerated() {
                let submission = Submission(request: request, body: [], key: HashKey(of: .number("\(number)")))
                try ExportStore(transaction).insert(submission, job: JobID(rawValue: Int64(number)), at: now - age)
            }
        }
        await database.close()
        try await withExports(in: directory) { harness in
            let all = try await harness.client.call(ExportMethods.history, ExportHistoryParameters(userID: "1231"))
            #expect(all.items.map(\.id) == [1, 2])
        }
    }

    @Test func aPlainClientReadsItInFramesItCanTake() async throws {
        try await withExports(in: filledDirectory()) { harness in
            let client = try await RawTCPClient(port: harness.port)
            var ids: [Int] = []
            var more = true
            while more {
                let after = ids.last.map { #","after":\#($0)"# } ?? ""
                let text =
                    #"{"jsonrpc":"2.0","id":1,"method":"export.job.history","params":{"user_id":"1231"\#(after)}}"#
                try await client.send(Array(ByteBuffer(integer: UInt32(text.utf8.count)).readableBytesView))
                try await client.send(text)
                let length = ByteBuffer(bytes: try await client.read(count: 4)).getInteger(at: 0, as: UInt32.self)!
                #expect(length < 99_999)
                let reply = try JSONValue(parsing: try await client.read(count: Int(length)))
                let items = try #require(reply["result"]?["items"]?.elements)
                #expect(!items.isEmpty)
                ids += items.compactMap { $0["id"]?.integer }
                more = reply["result"]?["more"] == true
            }
            #expect(ids == (1...Self.count).reversed())
            await client.close()
        }
    }

    @Test func aNegotiatedClientReadsItAtOnceOrAsItSays() async throws {
        try await withExports(in: filledDirectory()) { harness in
            let all = try await harness.client.call(ExportMethods.history, ExportHistoryParameters(userID: "1231"))
            #expect(all.items.count == Self.count && !all.more)
            let params: JSONValue = ["user_id": "1231", "max_bytes": 5_000]
            let part = try await harness.client.call(ExportMethods.history.name, ByteBuffer(bytes: params.bytes))
            #expect((4_500...5_000).contains(part.readableBytes))
            #expect(try JSONValue(parsing: part.readableBytesView)["more"] == true)
            let page = ExportHistoryParameters(userID: "1231", page: 100, limit: 100)
            let last = try await harness.client.call(ExportMethods.history, page)
            #expect(last.items.map(\.id) == (1...100).reversed() && !last.more)
            let error = await #expect(throws: RPCError.self) {
                try await harness.call(ExportMethods.history.name, ["user_id": "1231", "max_bytes": 999, "after": 0])
            }
            #expect(error?.details.map(\.type) == ["greater_than_equal", "greater_than_equal"])
        }
    }
}
