import ArgumentParser
import Foundation
import TestSupport

/// A small record through façade and RPC hop, beside nginx in front of nginx.
struct GatewayBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Requests per second through façade and RPC beside nginx as a plain reverse proxy to nginx.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Connections that wrk keeps busy.", valueName: "n"))
    var connections = 64

    @Option(help: ArgumentHelp("Seconds of a round.", valueName: "s"))
    var duration = 3

    func run() async throws {
        Report.begin("gateway: GET of one small record, \(connections) connections")
        guard Wrk.isInstalled else {
            return Report.absent("wrk is not installed", "install it with: apt-get install wrk")
        }
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let system = try await ReleaseSystem.start(common, environment: HopFacade.install(in: directory))
        do {
            try await measure(system)
        } catch {
            await system.stop()
            throw error
        }
        await system.stop()
    }

    private func measure(_ system: ReleaseSystem) async throws {
        let wrk = Wrk(connections: connections, seconds: duration)
        let facade = try system.facade(HopFacade.name)
        let hop = "http://\(facade)\(HopFacade.path)"
        let record = try await ExportClient(facade: facade).body(HopFacade.path)
        guard Nginx.isInstalled else {
            Report.line("façade → RPC → echo: \(Report.number(try await wrk.run(hop).requestsPerSecond)) requests/s")
            return Report.absent("nginx is not installed", "install it with: apt-get install nginx-light")
        }
        let nginx = try await Nginx.startProxy(answering: record)
        var latency = ""
        let result = try await compare(rounds: common.rounds) { _ in
            try await wrk.run(nginx.url).requestsPerSecond
        } ours: { _ in
            let run = try await wrk.run(hop)
            latency = run.latency
            return run.requestsPerSecond
        }
        await nginx.stop()
        Report.line("\(record.count) octets, nginx → nginx: \(Report.number(result.baseline)) requests/s")
        Report.line("façade → RPC → echo: \(Report.number(result.ours)) requests/s, latency \(latency)")
        Report.ratio("façade / nginx", result.ours / result.baseline, expected: "≥ 0.60")
        let stored = try await wrk.run(try await storedRecord(system)).requestsPerSecond
        Report.line("façade → RPC → a job's record out of SQLite: \(Report.number(stored)) requests/s")
    }

    /// The address of a record that the service has to read from its store.
    private func storedRecord(_ system: ReleaseSystem) async throws -> String {
        let facade = try system.facade("export")
        let client = try ExportClient(facade: facade)
        let key = try await client.submit(
            source: "http://\(facade)/demo/page", limit: 500, connections: 1, title: "one small record")
        _ = try await client.finished(key)
        return "http://\(facade)/v1/export/detail?key=\(key)"
    }
}
