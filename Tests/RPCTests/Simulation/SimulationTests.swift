import Foundation
import Testing

/// The client's and the server's connections against each other, with everything a network and an operator do to them.
@Suite struct SimulationTests {
    /// Repeats one seed: `TEST_SEED=7 swift test --filter SimulationTests`; `TEST_SEEDS` says how many.
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["TEST_SEED"].flatMap(UInt64.init) { return [named] }
        return Array(1...(environment["TEST_SEEDS"].flatMap(UInt64.init) ?? 200))
    }()

    @Test func `whatever happens, each call has one outcome, and what is said of it is true`() {
        for seed in Self.seeds {
            let problems = Simulation(seed: seed).run()
            #expect(problems.isEmpty, "seed \(seed): \(problems.prefix(5).joined(separator: "; "))")
        }
    }

    @Test func `a seed repeats everything`() {
        #expect(outcomes(of: 11) == outcomes(of: 11))
        #expect(outcomes(of: 11) != outcomes(of: 12))
    }

    private func outcomes(of seed: UInt64) -> [String] {
        let simulation = Simulation(seed: seed)
        _ = simulation.run()
        return simulation.calls.map { "\($0.kind) \($0.length) \($0.outcome.map { "\($0)" } ?? "none")" }
    }
}
