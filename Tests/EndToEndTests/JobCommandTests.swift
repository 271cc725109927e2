import Foundation
import JSONBytes
import TestSupport
import Testing

/// Jobs and queues of the running system, steered from the command line.
struct JobCommandTests {
    private static func run(_ words: [String], to system: PailouProcess) async throws -> ProcessResult {
        try await runProcess(PailouProcess.program, words + ["--to", system.endpoints.rpc["gateway"]!])
    }

    private static func json(_ words: [String], to system: PailouProcess) async throws -> JSONValue {
        let result = try await run(words + ["--json"], to: system)
        #expect(result.status == 0, "\(words): \(result.standardError)")
        return try JSONValue(parsing: result.standardOutput.utf8.dropLast())
    }

    @Test func aQueueIsPausedCappedDrainedAndResumed() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let drained = try await Self.json(["queue", "drain", "export"], to: system)
        #expect(drained["paused_at"]?.integer != nil)
        let key = try await client.submit(ExportClient.body(source: system.exportURL + "/demo/page", limit: 100))
        let queues = try await Self.json(["queue", "list"], to: system)
        #expect(queues["items"]?.elements?.first?["ready"]?.integer == 1)
        #expect(try await Self.json(["queue", "cap", "export", "2"], to: system)["cap"]?.integer == 2)
        #expect(try await Self.json(["queue", "cap", "export"], to: system)["cap"] == nil)
        #expect(try await client.detail(key)["status"]?.integer == 1)
        _ = try await Self.json(["queue", "resume", "export"], to: system)
        #expect(try await client.finished(key)["status"]?.integer == 2)
        let unknown = try await Self.run(["queue", "pause", "exprot"], to: system)
        #expect(unknown.status == 1)
        #expect(unknown.standardError.contains("no queue with the name exprot"), "\(unknown.standardError)")
        try await system.stop()
    }

    /// Each answer has the newest that are left and fit; together they have every job once.
    @Test func aListHasNoMoreOctetsThanItsCallerTakes() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        _ = try await Self.json(["queue", "pause", "export"], to: system)
        for number in 0..<12 {
            _ = try await client.submit(
                ExportClient.body(source: system.exportURL + "/demo/page", title: "job \(number)"))
        }
        func list(_ parameters: String) async throws -> JSONValue {
            let result = try await Self.run(["call", "export.jobs.list", parameters], to: system)
            #expect(result.status == 0, "\(result.standardError)")
            return try JSONValue(parsing: result.standardOutput.utf8.dropLast())
        }
        var (ids, before): ([Int], Int?) = ([], nil)
        repeat {
            let part = try await list(
                #"{"max_bytes": 1000, "limit": 1000\#(before.map { #", "before": \#($0)"# } ?? "")}"#)
            ids += part["items"]?.elements?.compactMap { $0["id"]?.integer.map { Int($0) } } ?? []
            #expect(part["more"]?.bool == (part["next"] != nil))
            before = part["next"]?.integer.map { Int($0) }
        } while before != nil && ids.count < 20
        #expect(ids == Array((1...12).reversed()))
        #expect(try await list("{}")["items"]?.elements?.count == 12)
        let refused = try await Self.run(["job", "list", "--limit", "0"], to: system)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("expected 1 to 1000, found 0"), "\(refused.standardError)")
        let unknown = try await Self.run(["job", "retry", "99"], to: system)
        #expect(unknown.status == 1)
        #expect(unknown.standardError.contains("no job with the number 99"), "\(unknown.standardError)")
        try await system.stop()
    }

    // source    page held ···················· released
    // watch     running ······················ succeeded, ends
    @Test func aJobIsWatchedByItsEvents() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HeldSource.start(rows: 50, pageHeld: 3)
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"])
        let client = ExportClient(baseURL: system.exportURL)
        _ = try await client.submit(ExportClient.body(source: source.url, limit: 10))
        try await eventually("a held page") { source.isHolding }
        let watch = try TestProcess(
            PailouProcess.program, ["job", "watch", "1", "--json", "--to", system.endpoints.rpc["gateway"]!])
        try await eventually("the first state") { watch.standardOutput.contains(#""state":"running""#) }
        source.release()
        let end = try await watch.waitForExit()
        #expect(end.status == 0, "\(end.standardError)")
        let states = try end.standardOutput.split(separator: "\n").compactMap {
            try JSONValue(parsing: $0.utf8)["state"]?.string
        }
        #expect(states.first == "running" && states.last == "succeeded", "\(end.standardOutput)")
        #expect(end.standardOutput.contains(#""done":"#))
        try await system.stop()
        await source.close()
    }

    @Test func failedJobsAreListedCountedAndStartedAgain() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HTTPTestServer { _ in .json(#"{"errcode": 7, "msg": "broken"}"#) }
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"])
        let client = ExportClient(baseURL: system.exportURL)
        for title in ["one", "two", "three"] {
            let key = try await client.submit(ExportClient.body(source: source.url + "/rows", title: title))
            #expect(try await client.finished(key)["status"]?.integer == 3)
        }
        let page = try await Self.json(["job", "list", "--state", "failed", "--limit", "2"], to: system)
        #expect(page["items"]?.elements?.compactMap { $0["id"]?.integer } == [3, 2])
        let rest = try await Self.json(["job", "list", "--before", "\(page["next"]?.integer ?? 0)"], to: system)
        #expect(rest["items"]?.elements?.compactMap { $0["id"]?.integer } == [1])
        #expect(rest["next"] == nil)
        let shown = try await Self.run(["job", "show", "1"], to: system)
        #expect(shown.standardOutput.contains("broken"), "\(shown.standardOutput)")

        let counted = try await Self.run(["job", "redrive", "--queue", "export"], to: system)
        #expect(counted.standardOutput == "3 failed jobs fit queue export\n0 started again\n")
        #expect(try await Self.run(["job", "retry", "2"], to: system).standardOutput == "2 → 4\n")
        #expect(try await Self.run(["job", "retry", "2"], to: system).status != 0)
        let watched = try await Self.run(["job", "watch", "4"], to: system)
        #expect(watched.standardOutput.contains("failed"), "\(watched.standardOutput)")
        #expect(try await Self.run(["job", "watch", "77"], to: system).status == 1)
        let again = try await Self.json(["job", "redrive", "--limit", "10"], to: system)
        #expect(again["matched"]?.integer == 3)
        #expect(again["redriven"]?.elements?.compactMap { $0["old"]?.integer } == [1, 3, 4])
        let cancelled = try await Self.json(["job", "cancel", "1"], to: system)
        #expect(cancelled["state"]?.string == "failed", "one that has ended stays as it is")
        let strange = try await Self.run(["job", "list", "--state", "lost"], to: system)
        #expect(strange.status == 1)
        try await system.stop()
        await source.close()
    }
}
