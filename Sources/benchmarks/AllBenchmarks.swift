import ArgumentParser

/// Everything that is measured, one after the other.
struct AllBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "Every benchmark.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let shared = ["--rounds", "\(common.rounds)"] + (common.binary.map { ["--binary", $0] } ?? [])
        for arguments in [
            ["export"], ["rpc"], ["gateway"],
            ["download"], ["lanes"], ["idle"], ["attacks"], ["jobs"], ["claim"], ["upload"],
            ["scrape"],
        ] {
            var command = try Benchmarks.parseAsRoot(arguments + shared)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        }
    }
}
