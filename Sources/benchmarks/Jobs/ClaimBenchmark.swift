import ArgumentParser
import CoreMetrics
import Database
import JobQueue

/// Claims out of a store full of jobs, beside claims out of one that holds nothing else.
struct ClaimBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claim",
        abstract: "Time of a claim with a million finished and 100,000 ready jobs, beside that of an empty store.",
        discussion: """
            One slot, so that every claim takes one job. Counted are the claim's statements; its commit costs the same \
            fsync everywhere and would hide them.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Claims of a round.", valueName: "n"))
    var claims = 1_000

    @Option(help: ArgumentHelp("Finished jobs in the full store.", valueName: "n"))
    var finished = 1_000_000

    @Option(help: ArgumentHelp("Ready jobs in the full store.", valueName: "n"))
    var ready = 100_000

    func run() async throws {
        Report.begin("claim: \(finished) finished and \(ready) ready jobs")
        ClaimTimes.install()
        try await JobStoreUnderTest.with(JobStoreUnderTest.Engine.allCases) { store in
            try await store.withStore { empty in
                try await store.withStore { full in
                    try await StoreFilling.fill(full, finished: finished, ready: ready)
                    try await measure(store.name, empty, full)
                }
            }
        }
    }

    private func measure(_ name: String, _ empty: any Database, _ full: any Database) async throws {
        let rounds = try await interleaved(
            rounds: common.rounds,
            [
                { _ in
                    try await StoreFilling.fill(empty, finished: 0, ready: claims)
                    return try await claimTimes(on: empty)
                },
                { _ in try await claimTimes(on: full) },
            ] as [(Int) async throws -> [Double]])
        for (state, rounds) in zip(["empty", "full"], rounds) {
            let p50 = Report.number(rounds.median { $0.median }, digits: 3)
            let p99 = Report.number(rounds.median { $0.percentile(0.99) }, digits: 3)
            Report.line("\(name), \(state): p50 \(p50) ms, p99 \(p99) ms")
        }
        let p99 = rounds.map { $0.median { $0.percentile(0.99) } }
        Report.ratio("\(name), p99 full / empty", p99[1] / p99[0], expected: "≤ 2")
    }

    /// Milliseconds of each claim that took a job.
    private func claimTimes(on database: any Database) async throws -> [Double] {
        let handler = CountingHandler(count: claims)
        ClaimTimes.begin()
        return try await BenchmarkQueue.with(database, slots: 1, handler: handler) { _ in
            await handler.wait()
            return Array(ClaimTimes.milliseconds.prefix(claims))
        }
    }
}
