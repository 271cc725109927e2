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
        let system = try await ReleaseSystem.start(common)
        do {
            try await measure(system)
        } catch {
            await system.stop()
            throw error
        }
        await system.stop()
    }

    private func measure(_ system: ReleaseSystem) async throws {
        let facade = try system.facade("export")
        let client = try ExportClient(facade: facade)
        let key = try await client.submit(
            source: "http://\(facade)/demo/page", limit: 500, connections: 1, title: "one small record")
        _ = try await client.finished(key)
        let ours = "http://\(facade)/v1/export/detail?key=\(key)"
        let wrk = Wrk(connections: connections, seconds: duration)
        guard Nginx.isInstalled else {
            let speed = try await wrk.run(ours).requestsPerSecond
            Report.line("façade and RPC: \(Report.number(speed)) requests/s")
            return Report.absent("nginx is not installed", "install it with: apt-get install nginx-light")
        }
        let record = try await client.body("/v1/export/detail?key=\(key)")
        let nginx = try await Nginx.startProxy(answering: record)
        var latency = ""
        let result = try await compare(rounds: common.rounds) { _ in
            try await wrk.run(nginx.url).requestsPerSecond
        } ours: { _ in
            let run = try await wrk.run(ours)
            latency = run.latency
            return run.requestsPerSecond
        }
        await nginx.stop()
        Report.line("nginx → nginx: \(Report.number(result.baseline)) requests/s")
        Report.line("façade → RPC → service: \(Report.number(result.ours)) requests/s, latency \(latency)")
        Report.ratio("façade / nginx", result.ours / result.baseline, expected: "≥ 0.60")
    }
}
