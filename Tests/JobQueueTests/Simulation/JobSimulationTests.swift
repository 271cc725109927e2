import Database
import Foundation
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

/// Lives one after the other in one store, each of them undone.
enum SimulatedLives {
    private static let steps = 48

    private struct Over: Error {}

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    /// One life takes milliseconds; `make soak` asks for more of them.
    static let seeds = number("TEST_JOB_SEEDS") ?? 2_000

    /// The seeds of a part; the one that is asked for alone.
    static func seeds(part: UInt64, of parts: UInt64, every: UInt64 = 1) -> [UInt64] {
        number("TEST_JOB_SEED").map { [$0] } ?? Array(stride(from: part, to: seeds / every, by: Int(parts)))
    }

    /// - Parameter preparation: Run before each.
    static func run(
        _ seeds: [UInt64], in harness: StoreHarness,
        preparation: @escaping @Sendable (any Transaction) throws -> Void = { _ in }
    ) async throws {
        let ended = Shared(0)
        for seed in seeds {
            do {
                try await harness.database.write { transaction in
                    var simulation = try JobSimulation(seed: seed, transaction)
                    try preparation(transaction)
                    try simulation.run(steps: steps)
                    let count = simulation.ends.count
                    ended.change { $0 += count }
                    throw Over()
                }
            } catch is Over {}
        }
        // Lives in which nothing happens would keep every promise.
        #expect(ended.value > seeds.count * 3)
        await harness.database.close()
    }
}

@Suite("simulated lives of a queue")
struct JobSimulationTests {
    @Test("keep every promise, whatever dies, comes late or is not answered", arguments: 0..<UInt64(4))
    func lives(part: UInt64) async throws {
        try await SimulatedLives.run(SimulatedLives.seeds(part: part, of: 4), in: StoreHarness())
    }

    @Test("notice a queue that forgets its fences")
    func noticed() async throws {
        let harness = try await StoreHarness()
        await #expect(throws: Violation.self) {
            try await SimulatedLives.run(Array(0..<50), in: harness) { transaction in
                try transaction.execute(
                    """
                    CREATE TRIGGER forgetful AFTER UPDATE OF state ON jobs WHEN new.state = 'running' BEGIN
                        UPDATE jobs SET fence = 1, executing = 1 WHERE id = new.id;
                    END
                    """)
            }
        }
        await harness.database.close()
    }
}

extension StoreTests {
    @Suite("simulated lives of a queue on a server")
    struct ServerSimulationTests {
        @Test("keep the same promises", arguments: 0..<UInt64(2))
        func lives(part: UInt64) async throws {
            let seeds = SimulatedLives.seeds(part: part, of: 2, every: 20)
            try await SimulatedLives.run(seeds, in: StoreHarness(.postgreSQL))
        }
    }
}
