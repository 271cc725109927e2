/// Latencies of a round in milliseconds, and what went on beside.
struct LanesRound {
    var p50: Double
    var p99: Double
    var bodiesPerSecond = 0.0

    init(p50: Double, p99: Double) {
        self.p50 = p50
        self.p99 = p99
    }

    init(_ latencies: [Double], bodiesPerSecond: Double) {
        p50 = latencies.median
        p99 = latencies.percentile(0.99)
        self.bodiesPerSecond = bodiesPerSecond
    }
}

/// What small calls cost beside bodies, and what they cost a control that does nothing with either.
struct LanesReport {
    typealias Measured = (name: String, rounds: [LanesRound])

    var alone: Measured
    var beside: [Measured]
    var control: Measured
    var controlBeside: Measured

    func print() {
        for measured in [alone] + beside + [control, controlBeside] {
            let rounds = measured.rounds
            let (p50, p99) = (rounds.median { $0.p50 }, rounds.median { $0.p99 })
            let bodies = Report.number(rounds.median { $0.bodiesPerSecond }, digits: 1)
            let latency = "p50 \(Report.number(p50, digits: 2)) ms, p99 \(Report.number(p99, digits: 2)) ms"
            Report.line("\(measured.name): \(latency), \(bodies) bodies/s")
        }
        for measured in beside {
            Report.ratio("\(measured.name), p99 / alone", p99(measured) / p99(alone), expected: "< 2")
            Report.ratio("\(measured.name), p99 / control's", p99(measured) / p99(controlBeside), expected: "–")
        }
        Report.ratio("\(controlBeside.name), p99 / alone", p99(controlBeside) / p99(control), expected: "–")
    }

    private func p99(_ measured: Measured) -> Double { measured.rounds.median { $0.p99 } }
}
