import ArgumentParser
import Foundation
import TestSupport

/// Whole lives of jobs, every step durable, beside the queue that others would use on the same engine.
struct JobsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract:
            "Jobs per second from submission to recorded outcome, the wait before they start, and the cost of idling.",
        discussion: """
            A job is submitted, claimed, run (it does nothing), and recorded with its attempt and its result; nothing is \
            acknowledged before it is on the disk. The peer is as durable: huey, whose producer is one thread, and \
            procrastinate with as many producers and workers as are best for it; ours are as many tasks as a commit takes. Before and after each round the time of a bare fdatasync is printed, so that a slow \
            disk is seen as such.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Jobs of one of our rounds; the peer does a twentieth of it.", valueName: "n"))
    var jobs = 20_000

    @Option(help: ArgumentHelp("Seconds in which nothing happens.", valueName: "s"))
    var idle = 10

    @Option(help: "The engine to measure; both, and the idle system, without it.")
    var store: JobStoreUnderTest.Engine?

    func run() async throws {
        Report.begin("jobs: submit, claim, run, record")
        try await JobStoreUnderTest.with(store.map { [$0] } ?? JobStoreUnderTest.Engine.allCases, measure)
        if store == nil { try await measureIdling() }
    }

    private func measure(_ store: JobStoreUnderTest) async throws {
        var contenders = [
            JobContender(name: "JobQueue on \(store.name)") { try await JobLives.run(on: store, count: jobs) }
        ]
        do {
            contenders.append(try await store.peer(max(100, jobs / 20)))
        } catch {
            Report.absent(("\(store.name)'s peer cannot be installed (\(error))", "it takes python3-venv and PyPI"))
        }
        let rounds = try await interleaved(
            rounds: common.rounds, contenders.map { contender in { round in try await contender.round(round) } })
        for (contender, rounds) in zip(contenders, rounds) {
            let rate = Report.number(rounds.median { $0.jobsPerSecond })
            let time = Report.number(rounds.median { $0.processorTime / Double($0.jobs) } * 1e6)
            Report.line("\(contender.name): \(rate) jobs/s, \(time) µs of processor time a job")
        }
        Report.ratio("\(store.name), jobs/s", rounds[0].median { $0.jobsPerSecond }, expected: store.expectedRate)
        if rounds.count > 1 {
            let ratio = rounds[0].median { $0.jobsPerSecond } / rounds[1].median { $0.jobsPerSecond }
            Report.ratio("\(contenders[0].name) / \(contenders[1].name)", ratio, expected: store.expectedRatio)
        }
        let waits = try await interleaved(
            rounds: common.rounds, [{ _ in try await PacedJobs.run(on: store, perSecond: 500, seconds: 3) }])
        let (p50, p99) = (waits[0].median { $0.percentile(0.5) }, waits[0].median { $0.percentile(0.99) })
        Report.line("\(store.name), submit to start at 500 jobs/s: p50 \(Report.number(p50, digits: 1)) ms")
        Report.ratio("\(store.name), submit to start at 500 jobs/s, p99 in ms", p99, expected: "≤ 25")
    }

    /// The whole system: gateway, services, queue.
    private func measureIdling() async throws {
        try await using(ReleaseSystem.start(common)) { system in
            let before = try system.tree.processorTime()
            try await Task.sleep(for: .seconds(idle))
            let share = (try system.tree.processorTime() - before) / Double(idle)
            Report.ratio("the whole system with nothing to do, % of a core", share * 100, expected: "≤ 1")
        }
    }
}
