import ArgumentParser
import Foundation
import TestSupport

/// A whole export, from the request to the stored zip.
struct ExportBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "A whole export (HTTP crawl, JSON, xlsx, zip, store) beside a bare libxlsxwriter loop.",
        discussion: """
            The source serves pages of ten columns, half text and half numbers, rendered beforehand, from this process; \
            it shares the cores with the system it feeds. With --memory one export is run and the peak of the system's \
            resident memory over its idle size is printed instead.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Rows of ten cells.", valueName: "n"))
    var rows = 100_000

    @Option(help: ArgumentHelp("Rows of a page.", valueName: "n"))
    var limit = 1_000

    @Option(help: ArgumentHelp("Pages in flight.", valueName: "n"))
    var conn = 5

    @Flag(help: "Measure memory instead of time.")
    var memory = false

    func run() async throws {
        Report.begin("export: \(rows) × \(SampleTable.columns) cells, limit \(limit), \(conn) connections")
        let table = SampleTable(rows: min(rows, 100_000))
        let source = try await PageSource.start(table, rows: rows, limit: limit)
        let allowed = ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"]
        try await using(ReleaseSystem.start(common, environment: allowed)) { system in
            let client = try ExportClient(facade: system.facade("export"))
            if memory {
                try await measureMemory(of: system, client, source)
            } else {
                try await measureTime(table, client, source)
            }
        }
        try await source.stop()
    }

    private func measureTime(_ table: SampleTable, _ client: ExportClient, _ source: PageSource) async throws {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let result = try await compare(rounds: common.rounds) { _ in
            try seconds { try BareLoop.write(table, rows: rows, to: directory.path("bare.xlsx")) }
        } ours: { round in
            try await seconds { _ = try await export(client, source, title: "benchmark \(round)") }
        }
        Report.line("bare libxlsxwriter loop: \(Report.number(result.baseline, digits: 3)) s")
        let speed = Report.number(Double(rows) / result.ours)
        Report.line("whole export: \(Report.number(result.ours, digits: 3)) s, \(speed) rows/s")
        Report.ratio("export / bare loop", result.ours / result.baseline, expected: "≤ 1.40")
    }

    private func measureMemory(of system: ReleaseSystem, _ client: ExportClient, _ source: PageSource) async throws {
        let memory = ProcessMemory(pid: system.pid)
        try memory.resetPeak()
        let idle = try memory.resident() / 1024
        let time = try await seconds { _ = try await export(client, source, title: "benchmark of memory") }
        let peak = try memory.peak() / 1024
        Report.line("idle \(Report.number(idle, digits: 1)) MiB, peak \(Report.number(peak, digits: 1)) MiB")
        Report.line("took \(Report.number(time, digits: 1)) s, \(Report.number(Double(rows) / time)) rows/s")
        Report.ratio("peak over idle, MiB", peak - idle, expected: "≤ 96")
    }

    private func export(
        _ client: ExportClient, _ source: PageSource, title: String
    ) async throws -> ExportClient.Record {
        let url = "http://127.0.0.1:\(source.port)/page"
        let key = try await client.submit(source: url, limit: limit, connections: conn, title: title)
        return try await client.finished(key)
    }
}
