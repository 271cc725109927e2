import ExportService
import TestSupport
import Testing

/// Whole crawls with random orders and faults, checked against the window's invariants. No clock, no sockets.
@Suite struct CrawlSimulationTests {
    /// A source, and what is under way; each step one thing at random happens.
    private struct Simulation {
        var window: CrawlWindow
        var random: SeededGenerator
        var total: Int
        let limit: Int
        let limits: CrawlLimits
        var inFlight: [PageTry] = []
        var paused: [PageTry] = []
        var writing: ClosedRange<Int>?
        var arrived: Set<Int> = []
        var nextToWrite = 1
        var outcome: CrawlOutcome?
        var failure: CrawlFailure?

        mutating func take(_ actions: [CrawlWindow.Action]) {
            for action in actions {
                #expect(outcome == nil && failure == nil, "nothing follows the end")
                switch action {
                case .fetch(let attempt): inFlight.append(attempt)
                case .pause(let attempt, _): paused.append(attempt)
                case .write(let range):
                    #expect(writing == nil && range.lowerBound == nextToWrite, "in order, one batch at a time")
                    #expect(range.allSatisfy(arrived.contains), "only pages that are here")
                    writing = range
                    nextToWrite = range.upperBound + 1
                case .drop(let page): arrived.remove(page)
                case .finish(let outcome): self.outcome = outcome
                case .fail(let failure): self.failure = failure
                }
            }
            #expect(inFlight.count + paused.count <= limits.connections + limits.heldPagesMax)
        }

        func rows(of page: Int) -> Int { min(max(0, total - (page - 1) * limit), limit) }

        /// False when nothing can happen any more.
        mutating func step(faults: Double) -> Bool {
            let choices = inFlight.count + paused.count + (writing == nil ? 0 : 1)
            guard outcome == nil, failure == nil, choices > 0 else { return false }
            let choice = Int.random(in: 0..<choices, using: &random)
            if choice < inFlight.count {
                land(inFlight.remove(at: choice), faults: faults)
            } else if choice < inFlight.count + paused.count {
                take(window.retryDue(paused.remove(at: choice - inFlight.count)))
            } else if let range = writing {
                writing = nil
                let rows = range.reduce(0) { $0 + self.rows(of: $1) }
                take(window.wrote(range, rows: rows))
            }
            return true
        }

        private mutating func land(_ attempt: PageTry, faults: Double) {
            // The last try always succeeds: this is about order, not about giving up.
            if attempt.number < 5, Double.random(in: 0..<1, using: &random) < faults {
                take(window.failed(attempt, .passing("fault"), using: &random))
            } else {
                arrived.insert(attempt.page)
                let bytes = Int.random(in: 1...1_000, using: &random)
                take(window.arrived(attempt, bytes: bytes, tag: PageTag(total: total, limit: limit)))
            }
        }
    }

    private func simulation(seed: UInt64, total: Int) -> Simulation {
        var random = SeededGenerator(seed: seed)
        var limits = CrawlLimits()
        limits.connections = Int.random(in: 1...16, using: &random)
        limits.heldPagesMax = Int.random(in: 1...64, using: &random)
        limits.heldBytesMax = Int.random(in: 100...20_000, using: &random)
        limits.batchPagesMax = Int.random(in: 1...16, using: &random)
        return Simulation(
            window: CrawlWindow(limits: limits), random: random, total: total,
            limit: Int.random(in: 1...50, using: &random), limits: limits)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func everyOrderOfEventsBringsEveryRow(_ seed: UInt64) {
        var simulation = simulation(seed: seed, total: Int(seed) * 13)
        simulation.take(simulation.window.start())
        while simulation.step(faults: 0.3) {}
        #expect(simulation.failure == nil)
        #expect(simulation.outcome?.rows == simulation.total, "seed \(seed)")
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func aSourceThatGrowsOrShrinksIsWholeOrFails(_ seed: UInt64) {
        var simulation = simulation(seed: seed, total: 600)
        simulation.take(simulation.window.start())
        var steps = 0
        while simulation.step(faults: 0.2) {
            steps += 1
            if steps == 20 { simulation.total = seed.isMultiple(of: 2) ? 900 : 300 }
        }
        // Either it ended whole by the source's own last word, or it failed: never a hang, never a cut file.
        if let outcome = simulation.outcome {
            #expect(outcome.rows == outcome.total, "seed \(seed)")
        } else {
            #expect(simulation.failure != nil, "seed \(seed)")
        }
    }
}
