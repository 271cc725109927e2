import ArgumentParser
import Foundation

/// What the cheapest attacks on the wire cost.
struct AttackBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attacks",
        abstract: "Memory held by lengths that nothing follows, and time to refuse JSON of 10,000 levels.",
        discussion: """
            Memory is the growth of the system's peak resident memory while that many connections are open, divided by \
            them; each round starts a process of its own. The time is from sending the frame to having its refusal, \
            beside the time of an rpc.ping.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Connections that attack at once.", valueName: "n"))
    var connections = 500

    private static let levels = 10_000
    private static let framesPerRound = 20

    func run() async throws {
        Report.begin("attacks: \(connections) connections at once")
        try OpenFiles.raiseLimit()
        let none = try await costs(of: [])
        let longest = try await costs(of: [0xFF, 0xFF, 0xFF, 0xFF])
        let longestTaken = try await costs(of: [0x00, 0x80, 0x00, 0x00])
        Report.line("a connection that says nothing: \(Report.number(none, digits: 1)) KiB")
        Report.ratio("4 octets, length 2^32-1, KiB", longest, expected: "< 64")
        Report.ratio("4 octets, length 8 MiB, KiB", longestTaken, expected: "< 64")
        try await using(ReleaseSystem.start(common), measureDepth)
    }

    /// KiB of memory for each connection that sends these octets and waits.
    private func costs(of octets: [UInt8]) async throws -> Double {
        var figures: [Double] = []
        for _ in 0..<common.rounds {
            figures.append(
                try await using(ReleaseSystem.start(common)) { system in
                    let (host, port) = try system.rpc("demo")
                    // What the first connection ever costs is not the attack's.
                    _ = try BlockingSocket(host: host, port: port).roundTrip(Self.ping)
                    let memory = ProcessMemory(pid: system.pid)
                    try memory.resetPeak()
                    let idle = try memory.resident()
                    let open = try (0..<connections).map { _ in try attack(octets, host, port) }
                    let peak = try memory.peak()
                    return withExtendedLifetime(open) { (peak - idle) / Double(connections) }
                })
        }
        return figures.median
    }

    /// A connection whose octets the server has surely read.
    private func attack(_ octets: [UInt8], _ host: String, _ port: Int) throws -> BlockingSocket {
        let socket = try BlockingSocket(host: host, port: port)
        _ = try socket.roundTrip(Self.ping)
        try socket.send(octets)
        // A length that is too long is answered; another has been read when a connection after it is answered.
        if octets.first == 0xFF {
            _ = try socket.receiveFrame()
        } else {
            _ = try BlockingSocket(host: host, port: port).roundTrip(Self.ping)
        }
        return socket
    }

    private func measureDepth(_ system: ReleaseSystem) async throws {
        let (host, port) = try system.rpc("demo")
        let brackets = (
            open: String(repeating: "[", count: Self.levels), close: String(repeating: "]", count: Self.levels)
        )
        let deep = plainFrame(
            #"{"jsonrpc":"2.0","id":1,"method":"demo.echo","params":\#(brackets.open)\#(brackets.close)}"#)
        let rounds = try await interleaved(
            rounds: common.rounds * Self.framesPerRound,
            [Self.ping, deep].map { frame in
                { _ in
                    // A connection of its own: ten refusals a minute would end it.
                    let socket = try BlockingSocket(host: host, port: port)
                    _ = try socket.roundTrip(Self.ping)
                    return try seconds { _ = try socket.roundTrip(frame) } * 1_000
                }
            })
        Report.line("rpc.ping: \(Report.number(rounds[0].median, digits: 3)) ms")
        let worst = Report.number(rounds[1].max() ?? .nan, digits: 3)
        Report.line("JSON of \(Self.levels) levels refused, slowest of \(rounds[1].count): \(worst) ms")
        Report.ratio("JSON of \(Self.levels) levels refused, ms", rounds[1].median, expected: "< 1")
    }

    private static let ping = plainFrame(#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#)
}

extension BlockingSocket {
    /// Sends a frame and waits for one.
    func roundTrip(_ frame: [UInt8]) throws -> [UInt8] {
        try send(frame)
        return try receiveFrame()
    }
}
