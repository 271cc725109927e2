import Artifacts
import ExportService
import JSONBytes
import RPC
import ServiceContracts
import Synchronization
import TestSupport
import Testing

/// What the submitter's server is told.
@Suite struct CallbackTests {
    /// A receiver that refuses its first callbacks.
    private func receiver(refusing refusals: Int = 0) async throws -> HTTPTestServer {
        let left = Mutex(refusals)
        return try await HTTPTestServer { _ in
            let refuses = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return refuses ? .status(500) : .text("ok")
        }
    }

    private func told(_ receiver: HTTPTestServer, times: Int) async throws -> JSONValue {
        try await eventually(within: .seconds(20), "\(times) callbacks") { receiver.requests.count >= times }
        return try JSONValue(parsing: receiver.requests[times - 1].body)
    }

    @Test func successIsToldWithTheFileAndTheLink() async throws {
        let source = try await PagedSource(total: 10).server()
        let receiver = try await receiver(refusing: 3)
        try await withExports { harness in
            let secret: JSONValue = [
                "header": ["Authorization": "Bearer secret"], "param": ["limit": 5, "token": "hidden"],
            ]
            let body = source.request(callback: receiver.url + "/done", source: secret)
            let (detail, _) = try await harness.exported(body)
            let told = try await told(receiver, times: 4)
            #expect(receiver.requests.allSatisfy { $0.method == "POST" && $0.path == "/done" })
            #expect(Set(receiver.requests.map(\.body)).count == 1, "every try tells the same")
            #expect(told["log"]?["hash_key"]?.string == detail.summary.hashKey && told["log"]?["status"] == 2)
            #expect(
                told["log"]?.members?.map(\.key).sorted() == [
                    "callback", "created_at", "ext_type", "fail_reason", "hash_key", "id", "source_type", "status",
                    "title",
                    "updated_at", "user_id",
                ])
            #expect(told["down_url"]?.string == detail.downURL && told["file"]?["rows"] == 10)
            let progress = try #require(told["progress"])
            #expect(progress["percent"] == 100 && progress["rows"] == 10 && progress["total_rows"] == 10)
            #expect(progress["phase"] == "storing" && progress["pages"] == 2)
            #expect(try #require(progress["source_bytes"]?.integer) > 500)
            #expect(!told.description.contains("secret") && !told.description.contains("hidden"))
        }
        await source.close()
        await receiver.close()
    }

    @Test func aLateFailureIsToldWithHowFarItCame() async throws {
        let gate = Gate()
        let source = try await PagedSource(
            total: 500,
            fault: { page, _ in
                if page == 4 { await gate.wait() }
                return page == 4 ? .status(403) : nil
            }
        ).server()
        let receiver = try await receiver()
        try await withExports { harness in
            let key = try await harness.submit(source.request(conn: 1, callback: receiver.url))
            try await eventually("three pages in the file") { try await harness.detail(key).rows == 300 }
            gate.open()
            let told = try await told(receiver, times: 1)
            #expect(told["log"]?["status"] == 3 && told["file"] == .null)
            let progress = try #require(told["progress"])
            #expect(progress["phase"] == "crawling" && progress["total_rows"] == 500)
            #expect(progress["rows"] == 300 && progress["percent"] == 60 && progress["pages"] == 3)
            let detail = try await harness.detail(key)
            #expect(detail.rows == 300 && detail.totalRows == 500 && detail.progress == 60)
        }
        await source.close()
        await receiver.close()
    }

    @Test func failureIsToldWithItsReason() async throws {
        let source = try await HTTPTestServer { _ in .text("<p>") }
        let receiver = try await receiver()
        try await withExports { harness in
            _ = try await harness.submit(source.request(callback: receiver.url))
            let told = try await told(receiver, times: 1)
            #expect(told["log"]?["status"] == 3 && told["file"] == .null && told["down_url"] == "")
            #expect(told["log"]?["fail_reason"]?.string?.hasPrefix("page 1: not JSON") == true)
        }
        await source.close()
        await receiver.close()
    }

    @Test func aCancelIsToldOnce() async throws {
        let gate = Gate()
        let source = try await PagedSource(
            total: 1_000,
            fault: { page, _ in
                if page > 1 { await gate.wait() }
                return nil
            }
        ).server()
        let receiver = try await receiver()
        try await withExports { harness in
            let key = try await harness.submit(source.request(callback: receiver.url))
            try await eventually { source.requests.count > 1 }
            let detail = try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: key))
            #expect(detail.summary.status == .cancelled && detail.downURL == "")
            let told = try await told(receiver, times: 1)
            #expect(told["log"]?["status"] == 4 && told["file"] == .null)
            try await eventually("the work to end") { FileTree.names(in: harness.directory.path("work")).isEmpty }
            let again = try await harness.client.call(ExportMethods.cancel, ExportKeyParameters(key: key))
            #expect(again.summary.status == .cancelled)
            #expect(receiver.requests.count == 1)
        }
        gate.open()
        await source.close()
        await receiver.close()
    }

    @Test func aReceiverInsideIsRefusedLikeASource() async throws {
        let source = try await PagedSource(total: 10).server()
        let receiver = try await receiver()
        try await withExports(allowing: [source.address]) { harness in
            _ = try await harness.exported(source.request(callback: receiver.url))
        }
        #expect(receiver.requests.isEmpty)
        await source.close()
        await receiver.close()
    }
}
