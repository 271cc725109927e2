import ArgumentParser

/// Measures the system beside what it is built on, in one run on one machine, and prints ratios.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures pailou beside what it is built on, and prints ratios.",
        discussion: """
            Every figure is the median of several rounds; a round runs the baseline and then ours. The system measured \
            is the release binary as a process of its own, with ports and data of its own.
            """,
        subcommands: [
            AllBenchmarks.self, ExportBenchmark.self, RPCBenchmark.self, GatewayBenchmark.self,
            DownloadBenchmark.self, LanesBenchmark.self, IdleBenchmark.self, AttackBenchmark.self,
            JobsBenchmark.self, ClaimBenchmark.self, UploadBenchmark.self, ScrapeBenchmark.self,
            EchoServerCommand.self, WriterCommand.self,
        ])
}

/// Options of every benchmark.
struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Rounds of each measurement; the median is printed.", valueName: "n"))
    var rounds = 5

    @Option(help: ArgumentHelp("The pailou binary. Default: the one beside this program.", valueName: "file"))
    var binary: String?

    func validate() throws {
        guard (1...100).contains(rounds) else {
            throw ValidationError("expected --rounds between 1 and 100, found \(rounds)")
        }
    }
}
