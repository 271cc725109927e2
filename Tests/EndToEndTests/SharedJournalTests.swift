import Foundation
import JSONBytes
import PostgreSQLTesting
import TestSupport
import Testing

/// Two programs on one store and one directory of journals: an export goes on where its own program died.
@Suite(.postgreSQL) struct SharedJournalTests {
    private static let pagesFetched = 5

    // one      pages 1…5 ── 6 waits ── kill -9
    // other                             2 s: the one is dead, 1…5 from its journal ── 6…20 ── done
    @Test func anExportMovedToAnotherProgramFetchesOnlyWhatIsMissing() async throws {
        let directory = try TemporaryDirectory()
        let store = try await PostgreSQLTrait.current.makeDatabase()
        let isOver = Shared(false)
        let asked = Shared<[Int: Int]>([:])
        let source = try await HTTPTestServer { request in
            let page = request.query["page"].flatMap { Int($0) } ?? 1
            asked.change { $0[page, default: 0] += 1 }
            try? await eventually(within: .seconds(60), "page \(page) to be allowed") {
                page <= Self.pagesFetched || isOver.value
            }
            let rows = (page * 10 - 10..<page * 10).map { #"{"id":\#($0)}"# }.joined(separator: ",")
            return .json(
                #"{"errcode":0,"data":{"data":[{"id":"Number"},\#(rows)],"pagetag":{"total":200,"limit":10}}}"#)
        }
        var systems: [PailouProcess] = []
        for name in ["one", "other"] {
            systems.append(
                try await PailouProcess.start(
                    in: directory.path(name),
                    ["--role", "gateway", "--role", "export", "--store", store]
                        + ["--artifacts", directory.path("artifacts")],
                    environment: [
                        "PAILOU_EXPORT_JOURNAL_DIRECTORY": directory.path("journals"),
                        "PAILOU_STORE_WORKER_TIMEOUT": "2s", "PAILOU_EXPORT_ALLOWED_SOURCES": source.address,
                    ]))
        }
        let key = try await ExportClient(baseURL: systems[0].exportURL).submit(
            ExportClient.body(source: source.url + "/rows", limit: 10, conn: 1, extType: "CSV"))
        try await eventually(within: .seconds(30), "the page that waits") { asked.value[6] != nil }
        let dying = try await isWorking(systems[0]) ? 0 : 1
        let living = systems[1 - dying]
        #expect(try await isWorking(systems[dying]))
        try await systems[dying].kill()
        isOver.change { $0 = true }
        let detail = try await ExportClient(baseURL: living.exportURL).finished(key)
        #expect(detail["status"]?.integer == 2 && detail["rows"]?.integer == 200, "\(detail)")
        #expect((1...Self.pagesFetched).allSatisfy { asked.value[$0] == 1 }, "\(asked.value)")
        #expect(asked.value[6] == 2 && asked.value.count == 20, "\(asked.value)")
        try await eventually("the journal to be removed") {
            try FileManager.default.contentsOfDirectory(atPath: directory.path("journals")).isEmpty
        }
        try await living.stop()
        await source.close()
    }

    private func isWorking(_ system: PailouProcess) async throws -> Bool {
        let lines = try await HTTP.get(system.adminURL + "/metrics").text.split(separator: "\n")
        return lines.contains { $0.hasPrefix("jobs_running") && $0.hasSuffix(" 1.0") }
    }
}
