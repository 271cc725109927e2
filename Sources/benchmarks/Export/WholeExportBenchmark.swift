import ArgumentParser
import Foundation
import TestSupport

/// A whole export, from the request to the stored zip.
struct WholeExportBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whole",
        abstract: "A whole export (HTTP crawl, JSON, xlsx, zip, store) beside a bare libxlsxwriter loop.",
        discussion: """
            The source serves pages of ten columns, half text and half numbers, rendered beforehand, from this process; \
            it shares the cores with the system it feeds. The memory is the peak of the system's resident memory while \
            it exports, over its size when it had nothing to do.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Rows of ten cells.", valueName: "n"))
    var rows = 100_000

    @Option(help: ArgumentHelp("Rows of a page.", valueName: "n"))
    var limit = 1_000

    @Option(help: ArgumentHelp("Pages in flight.", valueName: "n"))
    var conn = 5

    @Option(help: ArgumentHelp("Workbooks that the rows go to.", valueName: "n"))
    var parts = 1

    @Flag(inversion: .prefixedNo, help: "Also run the bare loop.")
    var bare = true

    private static let columns = 10

    /// What one export took.
    private struct Run {
        var seconds: Double
        /// Octets over the idle process.
        var memory: Double
    }

    func run() async throws {
        Report.begin(
            "export: \(rows) × \(Self.columns) cells in \(parts) parts, limit \(limit), \(conn) connections")
        let table = SampleTable(rows: min(rows, 100_000), columns: Self.columns)
        let source = try await PageSource.start(table, rows: rows, limit: limit)
        let environment = [
            "PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)",
            "PAILOU_EXPORT_ROWS_PER_FILE": "\((rows + parts - 1) / parts)",
        ]
        try await using(ReleaseSystem.start(common, environment: environment)) { system in
            try await measure(table, system, source)
        }
        try await source.stop()
    }

    private func measure(_ table: SampleTable, _ system: ReleaseSystem, _ source: PageSource) async throws {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let client = try ExportClient(facade: system.facade("export"))
        let memory = ProcessMemory(pid: system.pid)
        let idle = try memory.resident()
        let ours: (Int) async throws -> Run = { round in
            try memory.resetPeak()
            let time = try await seconds { try await export(client, source, title: "benchmark \(round)") }
            return Run(seconds: time, memory: try memory.peak() - idle)
        }
        let baseline: (Int) async throws -> Run = { _ in
            Run(
                seconds: try seconds { try BareLoop.write(table, rows: rows, to: directory.path("bare.xlsx")) },
                memory: 0)
        }
        let runs = try await interleaved(rounds: common.rounds, bare ? [ours, baseline] : [ours])
        report(runs[0], baseline: bare ? runs[1].median(\.seconds) : nil)
    }

    private func report(_ runs: [Run], baseline: Double?) {
        let time = runs.median(\.seconds)
        let speed = Double(rows * Self.columns) / time / 1e6
        Report.line("whole export: \(Report.number(time, digits: 3)) s")
        Report.ratio("million cells/s", speed, expected: "≥ 4")
        Report.ratio("peak over idle, MiB", (runs.map(\.memory).max() ?? .nan) / 1024, expected: "≤ 64")
        guard let baseline else { return }
        Report.line("bare libxlsxwriter loop: \(Report.number(baseline, digits: 3)) s")
        Report.ratio("export / bare loop", time / baseline, expected: "≤ 1.15")
    }

    private func export(_ client: ExportClient, _ source: PageSource, title: String) async throws {
        let url = "http://127.0.0.1:\(source.port)/page"
        let key = try await client.submit(source: url, limit: limit, connections: conn, title: title)
        _ = try await client.finished(key)
    }
}
