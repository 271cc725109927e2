import Foundation
import JSONBytes
import TestSupport
import Testing

/// Exports that survive their process, again and again.
struct JournalTests {
    private static let rounds = 6
    private static let pagesEach = 3

    // program   pages 1…3 ── kill -9   4…6 ── kill -9   …   the rest
    // source    3 pages, then it waits until the next program
    @Test func anExportKilledAgainAndAgainFetchesEachPageOnce() async throws {
        let directory = try TemporaryDirectory()
        let allowed = Shared(0)
        let asked = Shared<[Int: Int]>([:])
        let source = try await HTTPTestServer { request in
            let page = request.query["page"].flatMap { Int($0) } ?? 1
            asked.change { $0[page, default: 0] += 1 }
            try? await eventually(within: .seconds(60), "page \(page) to be allowed") { page <= allowed.value }
            let rows = (page * 10 - 10..<page * 10).map { #"{"id":\#($0)}"# }.joined(separator: ",")
            return .json(
                #"{"errcode":0,"data":{"data":[{"id":"Number"},\#(rows)],"pagetag":{"total":250,"limit":10}}}"#)
        }
        let environment = ["PAILOU_EXPORT_ALLOWED_SOURCES": source.address]
        var key = ""
        for round in 1...Self.rounds {
            let system = try await PailouProcess.start(in: directory.path("data"), environment: environment)
            if round == 1 {
                key = try await ExportClient(baseURL: system.exportURL).submit(
                    ExportClient.body(source: source.url + "/rows", limit: 10, conn: 1, extType: "CSV"))
            }
            let last = round * Self.pagesEach
            allowed.change { $0 = last }
            // With one connection the page before the one that waits is in the journal.
            try await eventually(within: .seconds(60), "page \(last + 1) to be asked for") {
                asked.value[last + 1] != nil
            }
            try await system.kill()
        }
        allowed.change { $0 = 100 }
        let system = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let detail = try await ExportClient(baseURL: system.exportURL).finished(key)
        #expect(detail["status"]?.integer == 2 && detail["rows"]?.integer == 250, "\(detail)")
        let journals = directory.path("data/export/journals")
        try await eventually("the journal to be removed") {
            try FileManager.default.contentsOfDirectory(atPath: journals).isEmpty
        }
        // Only the pages that waited when the program was killed were asked for again.
        let waited = (1...Self.rounds).map { $0 * Self.pagesEach + 1 }
        #expect(asked.value.filter { $0.value > 1 && !waited.contains($0.key) }.isEmpty, "\(asked.value)")
        try await system.stop()
        await source.close()
    }

    // program   pages 1…5 ── kill -9   1…5 from the journal ── kill -9   …   failed
    // source    5 pages, then it waits for ever
    @Test func readingPagesAgainDoesNotKeepAnExportAliveThatKillsItsProgram() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HeldSource.start(rows: 100, pageHeld: 6)
        let environment = ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"]
        var key = ""
        // Under the first it brought pages, which counts; four more in vain are enough.
        for life in 1...5 {
            let system = try await PailouProcess.start(in: directory.path("data"), environment: environment)
            let client = ExportClient(baseURL: system.exportURL)
            if life == 1 {
                key = try await client.submit(
                    ExportClient.body(source: source.url, limit: 10, conn: 1, extType: "CSV"))
            }
            try await eventually(within: .seconds(60), "50 rows to be told by the store, in life \(life)") {
                try await storedRows(directory.path("data/export/store.sqlite")) == 50
            }
            #expect(try await client.detail(key)["status"]?.integer == 1)
            try await system.kill()
        }
        let system = try await PailouProcess.start(in: directory.path("data"), environment: environment)
        let detail = try await ExportClient(baseURL: system.exportURL).finished(key)
        #expect(detail["status"]?.integer == 3, "\(detail)")
        try await system.stop()
        source.release()
        await source.close()
    }

    @Test func aDiskThatFailsUnderTheJournalIsToldAndCostsNoExport() async throws {
        let directory = try TemporaryDirectory()
        let marker = try directory.write("", to: "disk-fails")
        let source = try await HeldSource.start(rows: 300, pageHeld: 1_000)
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "LD_PRELOAD": try await FailingDiskTests.shim(in: directory), "FAILING_DISK": marker,
                "FAILING_FILES": ".pages", "PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)",
            ])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url, limit: 10))
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 2 && detail["rows"]?.integer == 300, "\(detail)")
        let metrics = try await HTTP.get(system.adminURL + "/metrics").text
        #expect(metrics.contains("\nexport_journal_failures_total 1\n"), "\(metrics)")
        try await system.stop()
        let lines = system.standardError.split(separator: "\n")
        #expect(lines.count { $0.contains("pages of an export are not kept any more") } == 1, "\(lines)")
        await source.close()
    }

    /// The progress of the only job.
    private func storedRows(_ store: String) async throws -> Int? {
        let script = """
            import sqlite3, sys
            row = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True).execute("SELECT done FROM job_progress").fetchone()
            print(row[0] if row else 0)
            """
        let result = try await runProcess("python3", ["-c", script, store])
        return Int(result.standardOutput.filter { $0.isNumber })
    }
}
