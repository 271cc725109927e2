import ArgumentParser
import Foundation
import TestSupport

/// A small record through façade and RPC hop, beside what else one would put there.
struct GatewayBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Requests per second through façade and RPC beside nginx, Caddy and FastAPI.",
        discussion: """
            nginx and Caddy are plain reverse proxies in front of an nginx that answers the record as a constant; FastAPI \
            on uvicorn answers it itself. What is not installed is left out, with a line that says so. Latency at 80 % \
            of the maximum is measured by wrk with random pauses between the requests of a connection.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Connections that wrk keeps busy.", valueName: "n"))
    var connections = 64

    @Option(help: ArgumentHelp("Seconds of a round.", valueName: "s"))
    var duration = 2

    func run() async throws {
        Report.begin("gateway: GET of one small record, \(connections) connections")
        guard Wrk.isInstalled else { return Report.absent(Wrk.absence) }
        guard Nginx.isInstalled else { return Report.absent(Nginx.absence) }
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let settings = try HopFacade.install(in: directory)
        try await using(ReleaseSystem.start(common, environment: settings)) { system in
            let record = try await ExportClient(facade: system.facade(HopFacade.name)).body(HopFacade.path)
            Report.line("the record has \(record.count) octets")
            try await using(Rivals.start(answering: record)) { rivals in
                let ours = HTTPContender(
                    name: "façade → RPC → echo",
                    url: "http://\(try system.facade(HopFacade.name))\(HopFacade.path)", trees: [system.tree])
                try await measure(ours, beside: rivals.contenders)
            }
            let stored = try await Wrk(connections: connections, seconds: duration).run(storedRecord(system))
            let speed = Report.number(stored.requestsPerSecond)
            Report.line("façade → RPC → a job's record out of SQLite: \(speed) requests/s")
        }
    }

    private func measure(_ ours: HTTPContender, beside rivals: [HTTPContender]) async throws {
        let wrk = Wrk(connections: connections, seconds: duration)
        let contenders = [ours] + rivals
        let rounds = try await interleaved(
            rounds: common.rounds, contenders.map { contender in { _ in try await contender.round(wrk) } })
        for (contender, rounds) in zip(contenders, rounds) { Report.line("\(contender.name): \(rounds.summary)") }
        for (rival, theirs) in zip(contenders, rounds).dropFirst() {
            Report.ratio("façade / \(rival.name)", rounds[0].speed / theirs.speed, expected: rival.expected ?? "–")
        }
        try await measureSteadily(zip(contenders, rounds).prefix(2).map { ($0, $1.speed) })
    }

    /// Latency where nobody is at the limit.
    private func measureSteadily(_ contenders: [(contender: HTTPContender, maximum: Double)]) async throws {
        var loads: [SteadyLoad] = []
        for (contender, maximum) in contenders {
            loads.append(
                try await .calibrated(contender, maximum: maximum, connections: connections, seconds: duration))
        }
        let rounds = try await interleaved(
            rounds: common.rounds,
            zip(contenders, loads).map { contender, load in { _ in try await contender.contender.round(load.wrk) } })
        for (contender, rounds) in zip(contenders, rounds) {
            let share = Report.number(rounds.speed / contender.maximum * 100)
            Report.line("\(contender.contender.name), at \(share) % of its maximum: \(rounds.summary)")
            let tail = rounds.median { $0.load.p99 / $0.load.p50 }
            Report.ratio("\(contender.contender.name), p99 / p50", tail, expected: "< 4")
        }
    }

    /// The address of a record that the service has to read from its store.
    private func storedRecord(_ system: ReleaseSystem) async throws -> String {
        let facade = try system.facade("export")
        let key = try await ExportClient(facade: facade).smallExport().key
        return "http://\(facade)/v1/export/detail?key=\(key)"
    }
}
