import Database
import Foundation
import HTTPFetch
import Logging
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// Start, stop, PUT and delete racing with crawls, in thousands of lives on a clock of their own.
@Suite struct ScrapeSimulationTests {
    /// `make soak` asks for more of them.
    private static let seeds =
        ProcessInfo.processInfo.environment["TEST_SCRAPE_SEEDS"].flatMap { UInt64($0) } ?? 2_000
    private static let steps = 60

    /// Undoes a life: the next one begins with an empty store.
    private struct Over: Error {}

    private func withParts(_ body: (any Database, SimulatedParts) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let database = try await StoreEngine.sqlite.open(in: directory, logger: Logger(label: "test"))
        try await database.migrate(ScrapeService.storeMigrations)
        let fetcher = try CurlFetcher()
        try await body(database, try SimulatedParts(database, fetcher))
        await fetcher.shutdown()
        await database.close()
    }

    @Test(arguments: 0..<UInt64(2))
    func whateverRacesEveryPromiseIsKept(part: UInt64) async throws {
        let one = ProcessInfo.processInfo.environment["TEST_SCRAPE_SEED"].flatMap { UInt64($0) }
        let seeds = one.map { [$0] } ?? Array(stride(from: part, to: Self.seeds, by: 2))
        let executions = Shared(0)
        try await withParts { database, parts in
            for seed in seeds {
                do {
                    try await database.write { transaction in
                        var simulation = try ScrapeSimulation(seed: seed, parts, transaction)
                        try simulation.run(steps: Self.steps)
                        let count = simulation.ended.count
                        executions.change { $0 += count }
                        throw Over()
                    }
                } catch let violation as Violation {
                    Issue.record("\(violation); TEST_SCRAPE_SEED=\(seed) runs it alone")
                    return
                } catch is Over {}
            }
        }
        // Lives in which nothing happens would keep every promise.
        #expect(executions.value > seeds.count * 2)
    }

    /// A page that is kept although the task was stopped is what the simulation has to see.
    @Test func aServiceThatKeepsPagesAfterAStopIsNoticed() async throws {
        try await withParts { database, parts in
            await #expect(throws: Violation.self) {
                for seed in UInt64(0)..<100 {
                    do {
                        try await database.write { transaction in
                            var simulation = try ScrapeSimulation(seed: seed, parts, transaction)
                            try transaction.execute(
                                """
                                CREATE TRIGGER careless AFTER UPDATE OF status ON scrape_executions
                                WHEN new.status = 'STOPPED' BEGIN
                                    UPDATE scrape_executions SET result_count = result_count + 1 WHERE id = new.id;
                                END
                                """)
                            try simulation.run(steps: Self.steps)
                            throw Over()
                        }
                    } catch is Over {}
                }
            }
        }
    }
}
