/// Connections that say nothing and only wait for the other side's end: what it takes until a process notices that another
/// has died, on this machine and in this moment.
package struct ControlConnections: Sendable {
    private let clients: [RawTCPClient]

    package init(to port: Int, count: Int) async throws {
        var clients: [RawTCPClient] = []
        for _ in 0..<count { clients.append(try await RawTCPClient(port: port)) }
        self.clients = clients
    }

    /// How long after a moment the last of them noticed.
    package func slowestEnd(after moment: ContinuousClock.Instant) async throws -> Duration {
        try await eventually(within: .seconds(60), "the end of the control's connections") {
            clients.allSatisfy(\.isEnded)
        }
        return clients.compactMap(\.endTime).map { $0 - moment }.max() ?? .zero
    }
}

/// How long calls of a dead service took to end, and how long the control needed at the same time.
package struct Outage: Sendable, CustomStringConvertible {
    package let calls: Duration
    package let control: Duration

    package init(calls: Duration, control: Duration) {
        self.calls = calls
        self.control = control
    }

    /// Within 50 ms. Where even the control takes more than 12.5 ms, within four times its time: it
    /// waits for its turn on the processors once, a call four times, one after the other (the gateway's loop hears of the
    /// end and answers, on another loop if the call came there; the client's loop reads, and its task takes the time).
    package var isShort: Bool { calls < max(.milliseconds(50), control * 4) }

    package var description: String { "\(calls), the control \(control)" }
}
