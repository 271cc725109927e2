/// One of the servers that are asked the same.
struct HTTPContender {
    let name: String
    let url: String
    /// Everything that works on an answer.
    let trees: [ProcessTree]
    /// What of ours is expected to be how many times as fast, with the reason's words; nil for ours.
    var expected: String?

    /// What one round showed.
    struct Round {
        var load: Wrk.Result
        /// Processor time of all its processes, in microseconds a request.
        var processorTime: Double
    }

    /// Lets wrk ask it for one round.
    func round(_ wrk: Wrk) async throws -> Round {
        let before = try processorTime()
        let load = try await wrk.run(url)
        return Round(load: load, processorTime: (try processorTime() - before) / load.requests * 1e6)
    }

    private func processorTime() throws -> Double {
        try trees.reduce(0) { try $0 + $1.processorTime() }
    }
}

extension [HTTPContender.Round] {
    /// The medians in words.
    var summary: String {
        let speed = Report.number(speed)
        let (p50, p99) = (median { $0.load.p50 }, median { $0.load.p99 })
        let latency = "p50 \(Report.number(p50, digits: 2)) ms, p99 \(Report.number(p99, digits: 2)) ms"
        let cost = Report.number(median { $0.processorTime }, digits: 1)
        return "\(speed) requests/s, \(latency), \(cost) µs of processor a request"
    }

    /// Requests per second.
    var speed: Double { median { $0.load.requestsPerSecond } }
}
