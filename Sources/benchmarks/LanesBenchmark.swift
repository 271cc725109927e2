import ArgumentParser
import Foundation
import NIOCore
import RPC
import TestSupport

/// Small calls beside bodies of 50 MB.
struct LanesBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lanes",
        abstract: "Latency of 1,000 small calls a second, alone and beside bodies of 50 MB one after the other.",
        discussion: """
            By RPC over one connection (chunks and calls take turns) and over two (as the gateway does), and by HTTP \
            through façade and RPC. Latency of RPC is counted from when a call was due. The client has to share the \
            cores with the system, and so has whoever writes the bodies.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Seconds of a round.", valueName: "s"))
    var duration = 1

    private static let bodyBytes = 50_000_000
    private static let callsPerSecond = 1_000

    func run() async throws {
        Report.begin("lanes: \(Self.callsPerSecond) small calls a second, bodies of \(Self.bodyBytes) octets")
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let settings = try HopFacade.install(in: directory)
        try await using(ReleaseSystem.start(common, environment: settings)) { system in
            try await measureRPC(system)
            try await measureHTTP(system)
        }
    }

    private func measureRPC(_ system: ReleaseSystem) async throws {
        let (host, port) = try system.rpc("demo")
        let calls = LoopCalls.client(host: host, port: port)
        let bodies = LoopCalls.client(host: host, port: port)
        let rounds = try await interleaved(
            rounds: common.rounds,
            [
                { _ in try await round(calls, beside: nil) },
                { _ in try await round(calls, beside: calls) },
                { _ in try await round(calls, beside: bodies) },
            ] as [(Int) async throws -> Round])
        for client in [calls, bodies] { try await client.eventLoop.submit { client.close() }.get() }
        report(["RPC, alone", "RPC, bodies on the same connection", "RPC, bodies on another connection"], rounds)
    }

    private func measureHTTP(_ system: ReleaseSystem) async throws {
        guard Wrk.isInstalled else { return Report.absent(Wrk.absence) }
        let address = try system.facade(HopFacade.name)
        let rounds = try await interleaved(
            rounds: common.rounds,
            [
                { _ in try await round(ofHTTP: address) },
                { _ in
                    let bodies = HTTPBodies()
                    async let speed = bodies.run(Self.body, to: HopFacade.bodyPath, at: address)
                    defer { bodies.stop() }
                    var beside = try await round(ofHTTP: address)
                    bodies.stop()
                    beside.bodiesPerSecond = try await speed
                    return beside
                },
            ] as [(Int) async throws -> Round])
        report(["HTTP, alone", "HTTP, bodies on another connection"], rounds)
    }

    /// Latencies in milliseconds, and what went on beside.
    private struct Round {
        var p50: Double
        var p99: Double
        var bodiesPerSecond = 0.0
    }

    private func round(_ calls: RPCLoopClient, beside bodies: RPCLoopClient?) async throws -> Round {
        let small = RPCCallRequest(method: "demo.echo", params: ByteBuffer(string: #"{"id":4711,"active":true}"#))
        let large = RPCCallRequest(method: "get_data", params: Self.params)
        async let load = Self.load(bodies, large, seconds: duration)
        let latencies = try await PacedCalls.run(calls, small, perSecond: Self.callsPerSecond, seconds: duration)
        return Round(p50: latencies.median, p99: latencies.percentile(0.99), bodiesPerSecond: try await load)
    }

    /// One body after the other, if there is a client for them; answers how many a second.
    private static func load(
        _ client: RPCLoopClient?, _ request: RPCCallRequest, seconds: Int
    ) async throws -> Double {
        guard let client else { return 0 }
        return try await LoopCalls.run(client, request, inFlight: 1, seconds: seconds).perSecond
    }

    /// Eight connections that pause about 8 ms: 1,000 requests a second.
    private func round(ofHTTP address: String) async throws -> Round {
        let wrk = Wrk(connections: 8, seconds: duration, pause: 8_000 / Double(Self.callsPerSecond))
        let load = try await wrk.run("http://\(address)\(HopFacade.path)")
        return Round(p50: load.p50, p99: load.p99)
    }

    private func report(_ names: [String], _ rounds: [[Round]]) {
        let alone = rounds[0].median { $0.p99 }
        for (name, rounds) in zip(names, rounds) {
            let (p50, p99) = (rounds.median { $0.p50 }, rounds.median { $0.p99 })
            let bodies = Report.number(rounds.median { $0.bodiesPerSecond }, digits: 1)
            let latency = "p50 \(Report.number(p50, digits: 2)) ms, p99 \(Report.number(p99, digits: 2)) ms"
            Report.line("\(name): \(latency), \(bodies) bodies/s")
        }
        for (name, rounds) in zip(names, rounds).dropFirst() {
            Report.ratio("\(name), p99 / alone", rounds.median { $0.p99 } / alone, expected: "< 2")
        }
    }

    /// The body is one long text.
    private static let body = {
        let (begin, end) = (#"{"note":""#, #""}"#)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: bodyBytes - begin.utf8.count - end.utf8.count)
        return Array(begin.utf8) + text + Array(end.utf8)
    }()
    private static let params = ByteBuffer(bytes: body)
}
