import Database
import Foundation
import TestSupport
import Testing

@testable import JobQueue

@Suite("simulated lives of a queue")
struct JobSimulationTests {
    /// One life takes milliseconds; `make soak` asks for more of them.
    private static let seeds =
        ProcessInfo.processInfo.environment["TEST_JOB_SEEDS"].flatMap { UInt64($0) } ?? 2_000
    private static let steps = 48

    /// Undoes a life: the next one begins with an empty store.
    private struct Over: Error {}

    @Test("keep every promise, whatever dies, comes late or is not answered", arguments: 0..<UInt64(4))
    func lives(part: UInt64) async throws {
        let one = ProcessInfo.processInfo.environment["TEST_JOB_SEED"].flatMap { UInt64($0) }
        let seeds = one.map { [$0] } ?? Array(stride(from: part, to: Self.seeds, by: 4))
        let harness = try await StoreHarness()
        try await JobSimulation.prepare(harness.database)
        let ended = Shared(0)
        for seed in seeds {
            do {
                try await harness.database.write { transaction in
                    var simulation = try JobSimulation(seed: seed, transaction)
                    try simulation.run(steps: Self.steps)
                    let count = simulation.ends.count
                    ended.change { $0 += count }
                    throw Over()
                }
            } catch let violation as Violation {
                Issue.record("\(violation); TEST_JOB_SEED=\(seed) runs it alone")
                return
            } catch is Over {}
        }
        // Lives in which nothing happens would keep every promise.
        #expect(ended.value > seeds.count * 3)
        await harness.database.close()
    }

    @Test("notice a queue that forgets its fences")
    func noticed() async throws {
        let harness = try await StoreHarness()
        try await JobSimulation.prepare(harness.database)
        await #expect(throws: Violation.self) {
            for seed in UInt64(0)..<50 {
                do {
                    try await harness.database.write { transaction in
                        var simulation = try JobSimulation(seed: seed, transaction)
                        try transaction.execute(
                            """
                            CREATE TRIGGER forgetful AFTER UPDATE OF state ON jobs WHEN new.state = 'running' BEGIN
                                UPDATE jobs SET fence = 1, executing = 1 WHERE id = new.id;
                            END
                            """)
                        try simulation.run(steps: Self.steps)
                        throw Over()
                    }
                } catch is Over {}
            }
        }
        await harness.database.close()
    }
}
