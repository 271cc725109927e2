import Database
import JSONBytes
import Logging
import PostgreSQLTesting
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// The index answers what a look at every result answers, whatever they hold and whatever became of them.
@Suite(.postgreSQL) struct IndexTests {
    /// What an index holds does not depend on the store: of a server one seed tries its statements.
    @Test(arguments: (0..<4).map { (StoreEngine.sqlite, $0) } + [(.postgreSQL, 4)])
    func theIndexAndALookAtEverythingAgree(engine: StoreEngine, seed: Int) async throws {
        try await withStore(engine) { store in
            var random = SeededGenerator(seed: UInt64(seed))
            for task in 1...4 {
                try await store.makeTask(task, task % 2 == 0 ? .userTweets : .userInfo)
                for _ in 0..<6 {
                    try await store.keep(
                        RandomRecords.data(count: .random(in: 1...40, using: &random), &random), of: task)
                    if random.chance(percent: 60) { _ = try await store.follower.step(.arrivals) }
                }
            }
            while try await store.follower.step(.arrivals) {}
            try await store.compare(&random)
            // Some change, some come, a task goes: first the index is behind, then it has followed.
            for index in 0..<30 { try await store.overwrite(task: 1 + index % 4, place: index / 4, &random) }
            try await store.keep(RandomRecords.data(count: 20, &random), of: 1)
            try await store.delete(task: 3)
            try await store.compare(&random)
            while try await store.follower.step(.small) {}
            try await store.follower.outdateStale()
            while try await store.follower.step(.outdated) {}
            try await store.compare(&random)
            try await store.sweep()
            while try await store.follower.step(.arrivals) {}
            while try await store.follower.step(.outdated) {}
            try await store.compare(&random)
            #expect(try await store.isWhole())
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func segmentsBecomeFewAndLeaveNothingOfADeletedTask(engine: StoreEngine) async throws {
        try await withStore(engine) { store in
            var random = SeededGenerator(seed: 7)
            try await store.makeTask(1, .userTweets)
            for _ in 0..<20 {
                try await store.keep(RandomRecords.data(count: 10, &random), of: 1)
                #expect(try await store.follower.step(.arrivals))
            }
            #expect(try await store.count("scrape_segments") == 20)
            #expect(try await store.follower.step(.small))
            #expect(try await store.count("scrape_segments") == 1)
            #expect(try await store.isWhole())
            try await store.delete(task: 1)
            try await store.sweep()
            while try await store.follower.step(.outdated) {}
            let tables: [StaticString] = [
                "scrape_segments", "scrape_segment_parts", "scrape_unindexed", "scrape_stale", "scrape_results",
            ]
            for table in tables { #expect(try await store.count(table) == 0, "\(table)") }
        }
    }

    /// Both have read the same; the second finds it taken and changes nothing.
    @Test(arguments: StoreEngine.allCases)
    func followersBesideEachOtherIndexEverythingOnce(engine: StoreEngine) async throws {
        try await withStore(engine) { store in
            var random = SeededGenerator(seed: 3)
            try await store.makeTask(1, .userTweets)
            for _ in 0..<10 { try await store.keep(RandomRecords.data(count: 30, &random), of: 1) }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await store.follower.step(.arrivals) } }
            }
            while try await store.follower.step(.arrivals) {}
            #expect(try await store.isWhole())
            #expect(try await store.indexedRows() == 300)
            try await store.compare(&random)
        }
    }

    @Test(arguments: StoreEngine.allCases)
    func aStoreThatHadResultsBeforeIsIndexed(engine: StoreEngine) async throws {
        try await withStore(engine, version: 2) { store in
            var random = SeededGenerator(seed: 5)
            try await store.makeTask(1, .userTweets)
            try await store.makeTask(2, .userTweets)
            try await store.insertPlainly(RandomRecords.data(count: 50, &random), of: 1)
            try await store.database.migrate(ScrapeService.storeMigrations)
            try await store.compare(&random)
            while try await store.follower.step(.arrivals) {}
            #expect(try await store.indexedRows() == 50)
            try await store.compare(&random)
        }
    }
}
