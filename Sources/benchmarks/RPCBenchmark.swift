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
        let echo = try await EchoServer.start()
        let system = try await ReleaseSystem.start(common)
        do {
            try await measure(inFlight: 1, echo, system, expected: "≥ 0.50")
            try await measure(inFlight: 128, echo, system, expected: "≥ 0.40")
        } catch {
            await system.stop()
            await echo.stop()
            throw error
        }
        await system.stop()
        await echo.stop()
    }

    private func measure(inFlight: Int, _ echo: EchoServer, _ system: ReleaseSystem, expected: String) async throws {
        let (host, port) = try system.rpc("demo")
        let params = ByteBuffer(string: Self.object)
        var asyncCalls = Figures()
        let result = try await compare(rounds: common.rounds) { _ in
            try await EchoClient.run(port: echo.port, frame: Self.frame, inFlight: inFlight, seconds: duration)
        } ours: { round in
            let speed = try await AsyncCalls.run(
                host: host, port: port, params: params, inFlight: inFlight, seconds: duration)
            if round > 0 { asyncCalls.add(speed) }
            return try await LoopCalls.run(
                host: host, port: port, params: params, inFlight: inFlight, seconds: duration)
        }
        let asyncSpeed = asyncCalls.median
        Report.line("\(inFlight) in flight, NIO echo: \(Report.number(result.baseline)) frames/s")
        Report.line("\(inFlight) in flight, calls on the loop: \(Report.number(result.ours)) calls/s")
        Report.line("\(inFlight) in flight, async calls: \(Report.number(asyncSpeed)) calls/s")
        Report.ratio("\(inFlight) in flight, loop / echo", result.ours / result.baseline, expected: expected)
        Report.line("\(inFlight) in flight, async / echo: \(Report.number(asyncSpeed / result.baseline, digits: 2))")
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
