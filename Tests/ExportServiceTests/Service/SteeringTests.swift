import ExportService
import JSONBytes
import NIOCore
import PostgreSQLTesting
import RPC
import ServiceContracts
import Synchronization
import StoreTesting
import TestSupport
import Testing

/// Submitting again, cancelling, running again, looking at what there is.
@Suite(.postgreSQL) struct SteeringTests {
    @Test(arguments: StoreEngine.allCases) func theSameBodySubmittedByTwoHundredIsOneExport(on engine: StoreEngine)
        async throws
    {
        let server = try await PagedSource(total: 30).server()
        try await withExports(on: engine) { harness in
            let body = server.request(limit: 30)
            let keys = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<200 { group.addTask { try await harness.submit(body) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(keys == [HashKey(of: body).text])
            let detail = try await harness.ended(try #require(keys.first))
            #expect(detail.summary.id == 1)
            #expect(server.requests.count == 1, "one job, one page")
        }
        await server.close()
    }

    @Test(arguments: StoreEngine.allCases) func aFailedExportRunsAgain(on engine: StoreEngine) async throws {
        let isBroken = Mutex(true)
        let server = try await PagedSource(
            total: 30,
            fault: { _, _ in
                isBroken.withLock { $0 } ? .status(404) : nil
            }
        ).server()
        try await withExports(on: engine) { harness in
            let key = try await harness.submit(server.request())
            #expect(try await harness.ended(key).summary.status == .failed)
            isBroken.withLock { $0 = false }
            #expect(try await harness.submit(server.request()) == key)
            #expect(try await harness.detail(key).summary.status == .failed, "submitting again starts nothing")
            let restarted = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            #expect(restarted.summary.status == .processing && restarted.summary.failReason == "")
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .succeeded && detail.rows == 30 && detail.summary.id == 1)
        }
        await server.close()
    }

    @Test(arguments: StoreEngine.allCases) func aFinishedOneCannotBeCancelledAndARunningOneNotRetried(
        on engine: StoreEngine
    ) async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 30, by: gate).server()
        try await withExports(on: engine) { harness in
            let key = try await harness.submit(server.request())
            let running = await #expect(throws: RPCError.self) {
                try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            }
            #expect(running?.status == .failedPrecondition && running?.reason == "running")
            gate.open()
            _ = try await harness.ended(key)
            let ended = await #expect(throws: RPCError.self) {
                try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: key))
            }
            #expect(ended?.status == .failedPrecondition && ended?.reason == "ended")
        }
        await server.close()
    }

    @Test(arguments: StoreEngine.allCases) func anExportThatBeginsAnewLeavesNoFileOfItsLastRun(on engine: StoreEngine)
        async throws
    {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 30, by: gate, where: { _, asked in asked > 0 }).server()
        try await withExports(on: engine) { harness in
            let key = try await harness.submit(server.request())
            #expect(try await harness.ended(key).summary.status == .succeeded)
            #expect(harness.artifacts.count == 1)
            _ = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            #expect(harness.artifacts.isEmpty)
            let cancelled = try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: key))
            #expect(cancelled.summary.status == .cancelled)
            gate.open()
            // The same export once more: its file is the new one, and nothing takes it away.
            _ = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
            let detail = try await harness.ended(key)
            #expect(try await harness.download(detail).octets.count == detail.bytes)
        }
        await server.close()
    }

    @Test(arguments: ["2c3a54f7120a0d31f847d43f2c9725b6", "", "../../x", "2C3A54F7120A0D31F847D43F2C9725B6"])
    func anUnknownKeyIsNotFound(_ key: String) async throws {
        try await withExports { harness in
            for contract in [ExportMethods.get, ExportMethods.cancel, ExportMethods.retry, ExportMethods.events] {
                let error = await #expect(throws: RPCError.self) {
                    try await harness.client.call(contract, ExportKeyParameters(key: key))
                }
                #expect(error?.status == .notFound && error?.reason == "export", "\(contract.name)")
            }
        }
    }

    @Test(arguments: StoreEngine.allCases) func historyIsNewestFirstAndOfOneUser(on engine: StoreEngine) async throws {
        try await withExports(on: engine) { harness in
            var keys: [String] = []
            for number in 1...3 {
                keys.append(
                    try await harness.submit(
                        Sample.raw.setting("timestamp", .number("\(number)")), ExportMethods.submitRaw))
            }
            _ = try await harness.submit(Sample.raw.setting("user_id", "other"), ExportMethods.submitRaw)
            for key in keys { _ = try await harness.ended(key) }
            let all = try await harness.call("export.job.history", ["user_id": "1231"])
            #expect(all["items"]?.elements?.map { $0["hash_key"]?.string } == keys.reversed())
            #expect(all["items"]?[0]?["down_url"] == nil && all["items"]?[0]?["status"] == 2 && all["more"] == false)
            let second = try await harness.call("export.job.history", ["uid": "1231", "page": 2, "limit": 2])
            #expect(second["items"]?.elements?.map { $0["hash_key"]?.string } == [keys[0]])
            #expect(try await harness.call("export.job.history", ["user_id": "nobody"])["items"] == [])
            let error = await #expect(throws: RPCError.self) { try await harness.call("export.job.history", [:]) }
            #expect(error?.details.map(\.type) == ["missing"])
        }
    }

    @Test(arguments: StoreEngine.allCases) func eventsTellProgressAndEndWithTheExport(on engine: StoreEngine)
        async throws
    {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 400, by: gate, where: { page, _ in page == 4 }).server()
        try await withExports(on: engine) { harness in
            let key = try await harness.submit(server.request(conn: 1))
            let params: JSONValue = ["key": .string(key)]
            let events = harness.client.events("export.job.events", ByteBuffer(bytes: params.bytes))
            var rows: [Int] = []
            for try await event in events {
                let data = try JSONValue(parsing: event.data.readableBytesView)
                #expect(data["hash_key"]?.string == key && data["status"] == 1)
                rows.append(data["rows"]?.integer ?? -1)
                if data["rows"] == 300 { gate.open() }
            }
            #expect(rows == rows.sorted() && rows.contains(300))
            let end = try JSONValue(parsing: try await events.result().readableBytesView)
            #expect(end["status"] == 2 && end["rows"] == 400 && end["progress"] == 100)
        }
        await server.close()
    }
}
