import BlockingThreads
import Database
import Foundation
import TestSupport
import Testing

@testable import JobQueue

@Suite("simulated lives of a process with a queue")
struct EngineSimulationTests {
    private static let steps = 80

    @Test("keep every promise, whoever dies, is not listened to or has no room", arguments: 0..<UInt64(2))
    func lives(part: UInt64) async throws {
        let ended = Shared(0)
        let seeds = SimulatedLives.seeds(part: part, of: 2, every: 20)
        for seed in seeds {
            let harness = try await StoreHarness()
            let count = try await onThread {
                let simulation = EngineSimulation(seed: seed, harness.database)
                try simulation.run(steps: Self.steps)
                return simulation.acknowledged.value.count
            }
            ended.change { $0 += count }
            await harness.database.close()
        }
        // Lives in which nothing happens would keep every promise.
        #expect(ended.value > seeds.count * 3)
    }

    /// The simulation stands still where it waits for the store: not on the threads all tests share.
    private func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            _ = BlockingThread(name: "simulation") { continuation.resume(with: Result { try body() }) }
        }
    }
}
