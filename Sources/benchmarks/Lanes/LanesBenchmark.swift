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
            cores with the system, and so has whoever writes the bodies. What that alone costs is told by controls that \
            do nothing with the octets: NIO's echo, which drops the bodies, and nginx before nginx, which does too.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Seconds of a round.", valueName: "s"))
    var duration = 1

    @Option(help: ArgumentHelp("Only this part: rpc or http.", valueName: "part"))
    var only: String?

    private static let callsPerSecond = 1_000

    func run() async throws {
        Report.begin("lanes: \(Self.callsPerSecond) small calls a second, bodies of \(LanesBody.octets.count) octets")
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let settings = try HopFacade.install(in: directory)
        try await using(ReleaseSystem.start(common, environment: settings)) { system in
            if only != "http" { try await measureRPC(system) }
            if only != "rpc" { try await measureHTTP(system) }
        }
    }

    // MARK: RPC

    private func measureRPC(_ system: ReleaseSystem) async throws {
        let (host, port) = try system.rpc("demo")
        let calls = LoopCalls.client(host: host, port: port)
        let bodies = LoopCalls.client(host: host, port: port)
        try await using(EchoServer.start()) { server in
            let echo = try await EchoConnection.open(port: server.port)
            let echoBodies = try await EchoConnection.open(port: server.port)
            let rounds = try await interleaved(
                rounds: common.rounds,
                [
                    { _ in try await round(calls, beside: nil) },
                    { _ in try await round(calls, beside: bodies) },
                    { _ in try await round(calls, beside: calls) },
                    { _ in try await round(echo, beside: nil) },
                    { _ in try await round(echo, beside: echoBodies) },
                ] as [(Int) async throws -> LanesRound])
            for connection in [echo, echoBodies] { try await connection.close() }
            LanesReport(
                alone: ("RPC, alone", rounds[0]),
                beside: [
                    ("RPC, bodies on another connection", rounds[1]), ("RPC, bodies on the same connection", rounds[2]),
                ],
                control: ("NIO echo, alone", rounds[3]),
                controlBeside: ("NIO echo, bodies on another connection", rounds[4])
            ).print()
        }
        for client in [calls, bodies] { try await client.eventLoop.submit { client.close() }.get() }
    }

    private func round(_ calls: RPCLoopClient, beside bodies: RPCLoopClient?) async throws -> LanesRound {
        let small = RPCCallRequest(method: "demo.echo", params: ByteBuffer(string: Self.record))
        let large = RPCCallRequest(method: "get_data", params: LanesBody.buffer)
        let seconds = duration
        async let load = bodies.mapAsync {
            try await LoopCalls.run($0, large, inFlight: 1, seconds: seconds).perSecond
        }
        let latencies = try await PacedCalls.run(calls, small, perSecond: Self.callsPerSecond, seconds: seconds)
        return LanesRound(latencies, bodiesPerSecond: try await load)
    }

    private func round(_ calls: EchoConnection, beside bodies: EchoConnection?) async throws -> LanesRound {
        let small = Self.frame(ByteBuffer(string: Self.record))
        let seconds = duration
        async let load = bodies.mapAsync {
            try await $0.repeatFrame(Self.frame(LanesBody.buffer), seconds: seconds).perSecond
        }
        let latencies = try await PacedCalls.run(
            on: calls.eventLoop, perSecond: Self.callsPerSecond, seconds: seconds
        ) { ended in calls.send(small) { ended(nil) } }
        return LanesRound(latencies, bodiesPerSecond: try await load)
    }

    private static let record = #"{"id":4711,"active":true}"#

    private static func frame(_ octets: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer(integer: UInt32(octets.readableBytes))
        frame.writeImmutableBuffer(octets)
        return frame
    }

    // MARK: HTTP

    private func measureHTTP(_ system: ReleaseSystem) async throws {
        guard Wrk.isInstalled else { return Report.absent(Wrk.absence) }
        guard Nginx.isInstalled else { return Report.absent(Nginx.absence) }
        let address = try system.facade(HopFacade.name)
        try await using(Nginx.startProxy(answering: Array(Self.record.utf8))) { nginx in
            let rounds = try await interleaved(
                rounds: common.rounds,
                [
                    { _ in try await round(address + HopFacade.path) },
                    { _ in
                        try await beside(HopFacade.bodyPath, at: address) { try await round(address + HopFacade.path) }
                    },
                    { _ in try await round(nginx.address + "/record") },
                    { _ in
                        try await beside(NginxServer.bodyPath, at: nginx.address) {
                            try await round(nginx.address + "/record")
                        }
                    },
                ] as [(Int) async throws -> LanesRound])
            LanesReport(
                alone: ("HTTP, alone", rounds[0]), beside: [("HTTP, bodies on another connection", rounds[1])],
                control: ("nginx → nginx, alone", rounds[2]),
                controlBeside: ("nginx → nginx, bodies on another connection", rounds[3])
            ).print()
        }
    }

    /// Eight connections that pause about 8 ms: 1,000 requests a second.
    private func round(_ url: String) async throws -> LanesRound {
        let wrk = Wrk(connections: 8, seconds: duration, pause: 8_000 / Double(Self.callsPerSecond))
        let load = try await wrk.run("http://\(url)")
        return LanesRound(p50: load.p50, p99: load.p99)
    }

    private func beside(
        _ path: String, at address: String, _ body: () async throws -> LanesRound
    ) async throws -> LanesRound {
        let bodies = HTTPBodies()
        async let speed = bodies.run(LanesBody.octets, to: path, at: address)
        defer { bodies.stop() }
        var round = try await body()
        bodies.stop()
        round.bodiesPerSecond = try await speed
        return round
    }
}

extension Optional where Wrapped: Sendable {
    /// What the body makes of it; of nothing, nothing a second.
    fileprivate func mapAsync(_ body: @Sendable (Wrapped) async throws -> Double) async throws -> Double {
        guard let self else { return 0 }
        return try await body(self)
    }
}
