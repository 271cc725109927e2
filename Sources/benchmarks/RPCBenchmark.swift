import ArgumentParser
import Foundation
import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport

/// Calls per second beside NIO echoing the same frames.
struct RPCBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Calls of demo.echo with a 237-octet object beside NIO echoing the same frames.",
        discussion: """
            Client and server are two processes in all cases, with one connection between them. Calls are made in two \
            ways: on the connection's event loop with callbacks, which is how the echo is driven and how the gateway \
            calls, and with async calls from tasks on Swift's thread pool.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Seconds of a round.", valueName: "s"))
    var duration = 2

    func run() async throws {
        Report.begin("rpc: \(Self.object.utf8.count)-octet object, one connection")
        try await using(EchoServer.start()) { echo in
            try await using(ReleaseSystem.start(common)) { system in
                try await measure(inFlight: 1, echo, system, expected: "≥ 0.70")
                try await measure(inFlight: 128, echo, system, expected: "≥ 0.40")
            }
        }
    }

    private func measure(inFlight: Int, _ echo: EchoServer, _ system: ReleaseSystem, expected: String) async throws {
        let (host, port) = try system.rpc("demo")
        let params = ByteBuffer(string: Self.object)
        let request = RPCCallRequest(method: "demo.echo", params: params)
        let rounds = try await interleaved(
            rounds: common.rounds,
            [
                { _ in
                    try await .measured(server: echo.tree) {
                        try await EchoClient.run(
                            port: echo.port, frame: Self.frame, inFlight: inFlight, seconds: duration)
                    }
                },
                { _ in
                    try await .measured(server: system.tree) {
                        try await LoopCalls.run(
                            host: host, port: port, request, inFlight: inFlight, seconds: duration)
                    }
                },
                { _ in
                    try await .measured(server: system.tree) {
                        try await AsyncCalls.run(
                            host: host, port: port, params: params, inFlight: inFlight, seconds: duration)
                    }
                },
            ] as [(Int) async throws -> CallRun])
        for (name, rounds) in zip(["NIO echo", "calls on the loop", "async calls"], rounds) {
            Report.line("\(inFlight) in flight, \(name): \(rounds.summary)")
        }
        let (echoSpeed, loopSpeed, asyncSpeed) = (rounds[0].speed, rounds[1].speed, rounds[2].speed)
        Report.ratio("\(inFlight) in flight, loop / echo", loopSpeed / echoSpeed, expected: expected)
        Report.line("\(inFlight) in flight, async / echo: \(Report.number(asyncSpeed / echoSpeed, digits: 2))")
    }

    /// 237 octets, as the design's figures were measured with.
    private static let object = {
        let begin = #"{"id":4711,"name":"benchmark","tags":["a","b","c"],"price":12.5,"active":true,"note":""#
        let end = #""}"#
        return begin + String(repeating: "x", count: 237 - begin.utf8.count - end.utf8.count) + end
    }()

    /// The request that the client writes, so that both servers read the same.
    private static let frame = {
        let message = #"{"jsonrpc":"2.0","id":1000,"method":"demo.echo","params":\#(object)}"#
        var frame = ByteBuffer()
        frame.writeInteger(UInt32(message.utf8.count))
        frame.writeString(message)
        return frame
    }()
}
