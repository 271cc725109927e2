import ArgumentParser
import Foundation
import Spreadsheet

/// Who writes, among those in this program. The bare loop first: it is what the others are compared with.
enum OwnWriter: String, CaseIterable, ExpressibleByArgument {
    case bare = "bare libxlsxwriter loop"
    case library = "engine libxlsxwriter"
    case stream = "engine stream"
    case small = "engine stream, compression small"

    /// What it is to reach beside the bare loop.
    var expected: String? {
        switch self {
        case .bare: nil
        case .library: "≥ 0.95 ×"
        case .stream: "≥ 10 ×, file ≤ 1.30 ×"
        case .small: "file ≤ 1.00 ×"
        }
    }

    fileprivate func write(_ table: SampleTable, rows: Int, to path: String) throws {
        var options = XLSXOptions()
        options.compression = self == .stream ? .fast : .small
        switch self {
        case .bare: return try BareLoop.write(table, rows: rows, to: path)
        case .library: options.engine = .libxlsxwriter
        case .stream, .small: options.engine = .stream
        }
        try table.write(rows: rows, to: path, options)
    }
}

/// One writer in a process of its own, started by `export writers`.
struct WriterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write", abstract: "Writes a workbook and prints what that took.", shouldDisplay: false)

    @Argument var writer: OwnWriter
    @Argument var rows: Int
    @Argument var columns: Int
    @Argument var path: String

    func run() throws {
        let table = SampleTable(rows: min(rows, 100_000), columns: columns)
        let memory = ProcessMemory(pid: getpid())
        try memory.resetPeak()
        let before = try memory.resident()
        var computing = 0.0
        let passed = try seconds {
            computing = try computingSeconds { try writer.write(table, rows: rows, to: path) }
        }
        let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print(passed, computing, bytes, (try memory.peak() - before) * 1024)
    }
}

extension SampleTable {
    /// Writes the first rows, over and over if there are fewer.
    fileprivate func write(rows count: Int, to path: String, _ options: XLSXOptions) throws {
        let writer = try XLSXSheetWriter(path: path, title: "benchmark", options: options)
        try writer.writeHeader(captions)
        var cells = [Cell](repeating: .empty, count: columns)
        for row in 0..<count {
            for column in 0..<columns {
                let bytes = cell(row: row % rows, column: column)
                cells[column] = Self.isText(column) ? .text(bytes) : .number(bytes)
            }
            try writer.write(row: cells)
        }
        _ = try writer.finish()
    }
}
