/// What one round of calls showed.
struct CallRun {
    var count: Int
    var seconds: Double
    /// Processor time of client and server, in microseconds a call.
    var processorTime = (client: 0.0, server: 0.0)

    var perSecond: Double { Double(count) / seconds }

    /// Runs a round and sees what it costs both sides.
    static func measured(server: ProcessTree, _ body: () async throws -> CallRun) async throws -> CallRun {
        let before = (try ProcessTree.ownProcessorTime(), try server.processorTime())
        var run = try await body()
        let scale = 1e6 / Double(run.count)
        run.processorTime = (
            (try ProcessTree.ownProcessorTime() - before.0) * scale, (try server.processorTime() - before.1) * scale
        )
        return run
    }
}

extension [CallRun] {
    /// Calls per second.
    var speed: Double { median { $0.perSecond } }

    /// The medians in words.
    var summary: String {
        let client = Report.number(median { $0.processorTime.client }, digits: 1)
        let server = Report.number(median { $0.processorTime.server }, digits: 1)
        return "\(Report.number(speed))/s, \(client) µs of processor each at the client, \(server) µs at the server"
    }
}
