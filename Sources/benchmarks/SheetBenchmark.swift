import ArgumentParser
import Foundation
import Spreadsheet
import TestSupport

/// What our rules about cells cost over libxlsxwriter itself.
struct SheetBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet",
        abstract: "The workbook writer alone beside a bare libxlsxwriter loop of the same cells.",
        discussion: "Both run on one thread; its own computing time is measured, system calls included.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Rows of ten cells.", valueName: "n"))
    var rows = 100_000

    func run() async throws {
        Report.begin("sheet: \(rows) × \(SampleTable.columns) cells")
        let table = SampleTable(rows: min(rows, 100_000))
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let result = try await compare(rounds: common.rounds) { _ in
            try threadSeconds { try BareLoop.write(table, rows: rows, to: directory.path("bare.xlsx")) }
        } ours: { _ in
            try threadSeconds { try write(table, to: directory.path("ours.xlsx")) }
        }
        Report.line("bare libxlsxwriter loop: \(Report.number(result.baseline, digits: 3)) s of one core")
        Report.line("workbook writer: \(Report.number(result.ours, digits: 3)) s of one core")
        Report.ratio("writer / bare loop", result.ours / result.baseline, expected: "≤ 1.05")
    }

    private func write(_ table: SampleTable, to path: String) throws {
        let writer = try XLSXSheetWriter(path: path, title: "benchmark")
        try writer.writeHeader(SampleTable.captions)
        var cells = [Cell](repeating: .empty, count: SampleTable.columns)
        for row in 0..<rows {
            for column in 0..<SampleTable.columns {
                let bytes = table.cell(row: row % table.rows, column: column)
                cells[column] = SampleTable.isText(column) ? .text(bytes) : .number(bytes)
            }
            try writer.write(row: cells)
        }
        _ = try writer.finish()
    }
}
