import ArgumentParser
import Foundation
import Spreadsheet
import TestSupport

/// Our two engines beside libxlsxwriter itself, and beside the writers of PyPI.
struct SheetBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet",
        abstract: "The workbook writers alone beside a bare libxlsxwriter loop of the same cells.",
        discussion: """
            Measured are the time that passes and the computing time of all threads, system calls included: our stream \
            engine compresses on a second thread. Only the computing time means something while the machine is busy.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Rows of ten cells.", valueName: "n"))
    var rows = 100_000

    @Flag(help: "Also measure XlsxWriter, rustpy-xlsxwriter and pyexcelerate, installed from PyPI.")
    var peers = false

    func run() async throws {
        Report.begin("sheet: \(rows) × \(SampleTable.columns) cells, half text, half numbers")
        let table = SampleTable(rows: min(rows, 100_000))
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        var writers = SheetContender.ours(table, rows: rows, in: directory)
        if peers {
            do {
                writers += try await SheetContender.ofPython(table, rows: rows, in: directory)
            } catch {
                Report.absent(("the writers of PyPI: \(error)", "PyPI and python3-venv are needed"))
            }
        }
        let rounds = try await interleaved(
            rounds: common.rounds, writers.map { writer in { _ in try await writer.write() } })
        report(writers, rounds)
    }

    private func report(_ writers: [SheetContender], _ rounds: [[SheetRun]]) {
        let cells = Double(rows * SampleTable.columns)
        let bare = rounds[0]
        for (writer, runs) in zip(writers, rounds) {
            let seconds = runs.median(\.seconds)
            let ratio = bare.median(\.seconds) / seconds
            let computing = bare.median(\.computing) / runs.median(\.computing)
            let size = runs.median { Double($0.bytes) } / bare.median { Double($0.bytes) }
            Report.line(
                "\(writer.name): \(Report.number(cells / seconds / 1e6, digits: 2)) M cells/s, "
                    + "\(Report.number(ratio, digits: 2)) × the bare loop (by computing time "
                    + "\(Report.number(computing, digits: 2)) ×), file \(Report.number(size, digits: 2)) ×"
                    + (writer.expected.map { " (expected \($0))" } ?? ""))
        }
    }
}

/// What one writer took for the whole table.
struct SheetRun: Sendable {
    /// Time that passed.
    var seconds: Double
    /// Computing time of all threads.
    var computing: Double
    /// Size of the file.
    var bytes: Int
}

/// Something that writes the table into a workbook.
struct SheetContender {
    var name: String
    var expected: String?
    var write: () async throws -> SheetRun

    /// The bare loop first: it is what the others are compared with.
    static func ours(_ table: SampleTable, rows: Int, in directory: TemporaryDirectory) -> [Self] {
        func contender(_ name: String, expected: String? = nil, write: @escaping (String) throws -> Void) -> Self {
            Self(name: name, expected: expected) {
                let path = directory.path("ours.xlsx")
                var computing = 0.0
                let passed = try seconds { computing = try computingSeconds { try write(path) } }
                return SheetRun(seconds: passed, computing: computing, bytes: try fileBytes(path))
            }
        }
        func engine(_ kind: XLSXEngineKind, _ compression: XLSXCompression, expected: String) -> Self {
            contender("engine \(kind), \(compression)", expected: expected) { path in
                var options = XLSXOptions()
                options.engine = kind
                options.compression = compression
                try table.write(rows: rows, to: path, options)
            }
        }
        return [
            contender("bare libxlsxwriter loop") { try BareLoop.write(table, rows: rows, to: $0) },
            engine(.libxlsxwriter, .small, expected: "≥ 0.95 ×"),
            engine(.stream, .fast, expected: "≥ 10 ×, file ≤ 1.3 ×"),
            engine(.stream, .small, expected: "file ≤ 1 ×"),
        ]
    }

    private static func fileBytes(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
}

extension SampleTable {
    /// Writes the first rows, over and over if there are fewer.
    fileprivate func write(rows count: Int, to path: String, _ options: XLSXOptions) throws {
        let writer = try XLSXSheetWriter(path: path, title: "benchmark", options: options)
        try writer.writeHeader(SampleTable.captions)
        var cells = [Cell](repeating: .empty, count: SampleTable.columns)
        for row in 0..<count {
            for column in 0..<SampleTable.columns {
                let bytes = cell(row: row % rows, column: column)
                cells[column] = SampleTable.isText(column) ? .text(bytes) : .number(bytes)
            }
            try writer.write(row: cells)
        }
        _ = try writer.finish()
    }
}
