import ArgumentParser
import Foundation
import TestSupport

/// Our two engines beside libxlsxwriter itself, and beside the writers of PyPI.
struct WriterBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "writers",
        abstract: "The workbook writers alone beside a bare libxlsxwriter loop of the same cells.",
        discussion: """
            Each writer runs in a process of its own, which has the cells before the clock runs. Measured are the time \
            that passes, the computing time of all threads, system calls included (our stream engine compresses on a \
            second thread; only this means something while the machine is busy), and the peak of the memory over what \
            the cells take.
            """)

    /// Beyond it there is one round only.
    private static let cellsOfRoundsMax = 5_000_000

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Rows.", valueName: "n"))
    var rows = 100_000

    @Option(help: ArgumentHelp("Columns, half text, half numbers.", valueName: "n"))
    var columns = 10

    @Flag(inversion: .prefixedNo, help: "Also measure XlsxWriter, rustpy-xlsxwriter and pyexcelerate from PyPI.")
    var peers = true

    func validate() throws {
        guard rows > 0, columns > 0, columns.isMultiple(of: 2) else {
            throw ValidationError("expected rows, and an even number of columns, found \(rows) and \(columns)")
        }
    }

    func run() async throws {
        Report.begin("writers: \(rows) × \(columns) cells, half text, half numbers")
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        var contenders = OwnWriter.allCases.map { WriterContender(own: $0, rows, columns, in: directory) }
        if peers {
            do {
                contenders += try await WriterContender.ofPython(rows, columns, in: directory)
            } catch {
                Report.absent(("the writers of PyPI: \(error)", "PyPI and python3-venv are needed"))
            }
        }
        let isLarge = rows * columns > Self.cellsOfRoundsMax
        let rounds = try await interleaved(
            rounds: isLarge ? 1 : common.rounds, warmsUp: !isLarge,
            contenders.map { one in { _ in try await one.run() } })
        for (contender, runs) in zip(contenders, rounds) { report(contender, runs, bare: rounds[0]) }
    }

    private func report(_ contender: WriterContender, _ runs: [WriterRun], bare: [WriterRun]) {
        let seconds = runs.median(\.seconds)
        let speed = Double(rows * columns) / seconds / 1e6
        let ratio = bare.median(\.seconds) / seconds
        let computing = bare.median(\.computing) / runs.median(\.computing)
        let size = runs.median(\.bytes) / bare.median(\.bytes)
        Report.line(
            "\(contender.name): \(Report.number(speed, digits: 2)) M cells/s, \(Report.number(ratio, digits: 2)) × the "
                + "bare loop (by computing time \(Report.number(computing, digits: 2)) ×), "
                + "memory \(Report.number(runs.median(\.memory) / 1_048_576)) MiB, file \(Report.number(size, digits: 2)) ×"
                + (contender.expected.map { " (expected \($0))" } ?? ""))
    }
}

/// What one writer took for the whole table.
struct WriterRun: Sendable {
    /// Time that passed.
    var seconds: Double
    /// Computing time of all threads.
    var computing: Double
    /// Size of the file.
    var bytes: Double
    /// Octets, at the peak, over those before.
    var memory: Double

    /// Reads the four as a process has printed them.
    init(_ output: String) throws {
        let fields = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard fields.count == 4 else { throw BenchmarkError("expected four figures of a writer, found \(output)") }
        (seconds, computing, bytes, memory) = (fields[0], fields[1], fields[2], fields[3])
    }
}

/// Something that writes the table into a workbook.
struct WriterContender {
    /// Slow ones take minutes for millions of cells.
    static let durationMax: Duration = .seconds(1_800)

    var name: String
    var expected: String?
    var run: () async throws -> WriterRun

    init(name: String, expected: String? = nil, run: @escaping () async throws -> WriterRun) {
        self.name = name
        self.expected = expected
        self.run = run
    }

    /// One of ours, or the bare loop.
    init(own writer: OwnWriter, _ rows: Int, _ columns: Int, in directory: TemporaryDirectory) {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let arguments = ["write", writer.rawValue, "\(rows)", "\(columns)", directory.path("ours.xlsx")]
        self.init(name: writer.rawValue, expected: writer.expected) {
            try WriterRun(await runSuccessfully(program, arguments, within: Self.durationMax).standardOutput)
        }
    }
}
