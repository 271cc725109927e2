import ArgumentParser

/// Everything about exports: the writers of workbooks alone, then whole exports.
struct ExportBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writers of workbooks, and whole exports; both, unless one is named.",
        subcommands: [WriterBenchmark.self, WholeExportBenchmark.self])

    @OptionGroup var common: CommonOptions

    func run() async throws {
        for size in [(100_000, 10), (4_000, 50), (1_000_000, 20)] {
            try await run(["writers", "--rows", "\(size.0)", "--columns", "\(size.1)"])
        }
        try await run(["whole"])
        for parts in [1, 2, 4] { try await run(["whole", "--rows", "1000000", "--parts", "\(parts)", "--no-bare"]) }
    }

    private func run(_ arguments: [String]) async throws {
        let shared = ["--rounds", "\(common.rounds)"] + (common.binary.map { ["--binary", $0] } ?? [])
        var command = try Self.parseAsRoot(arguments + shared)
        if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
    }
}
