import Database
import JSONBytes
import Logging
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

@testable import ScrapeService

/// A store of results without a service: tasks are numbered as they are made.
struct IndexedStore: Sendable {
    let database: any Database
    let follower: IndexFollower
    let cache = PartCache(octetsMax: 64 << 10)

    func makeTask(_ number: Int, _ type: ScrapeTaskType) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO scrape_tasks (name, task_name, task_type, parameters, user_id, dedup, status, created_at)
                VALUES (\("task-\(number)"), 't', \(type.rawValue), \([UInt8]("{}".utf8)), 'u', 'skip', 'PENDING', 1)
                """)
            try transaction.execute(
                """
                INSERT INTO scrape_executions
                    (name, task, task_key, task_type, parameters, dedup, status, started_at, job)
                VALUES (\("exec-\(number)"), \(number), 't', \(type.rawValue), \([UInt8]("{}".utf8)), 'skip', 'RUNNING', 1, 1)
                """)
        }
    }

    private static func results(_ data: [JSONValue], from place: Int) -> [NewResult] {
        data.enumerated().map { NewResult(upstreamID: "x\(place + $0)", data: $1.bytes) }
    }

    func keep(_ data: [JSONValue], of task: Int) async throws {
        try await database.write { transaction in
            let place: Int = try transaction.value("SELECT results FROM scrape_tasks WHERE id = \(task)") ?? 0
            try ResultStore(transaction).insert(
                Self.results(data, from: place), task: Int64(task), execution: Int64(task), from: place, at: 1)
            try TaskStore(transaction).add(DayCount(items: data.count), to: Int64(task), at: 1)
        }
    }

    /// As it was done before there was an index.
    func insertPlainly(_ data: [JSONValue], of task: Int) async throws {
        try await database.write { transaction in
            for (place, result) in Self.results(data, from: 0).enumerated() {
                try transaction.execute(
                    """
                    INSERT INTO scrape_results (id, task, upstream_id, execution, scraped_at, data)
                    VALUES (\(ResultID(task: Int64(task), place: place).rawValue), \(task), \(result.upstreamID), \
                    \(task), 1, \(result.data))
                    """)
            }
            try transaction.execute("UPDATE scrape_tasks SET results = \(data.count) WHERE id = \(task)")
        }
    }

    func overwrite(task: Int, place: Int, _ random: inout SeededGenerator) async throws {
        let result = NewResult(upstreamID: "x\(place)", data: RandomRecords.data(count: 1, &random)[0].bytes)
        try await database.write {
            try ResultStore($0).overwrite(result, task: Int64(task), execution: Int64(task), at: 2)
        }
    }

    func delete(task: Int) async throws {
        try await database.write { transaction in
            let store = TaskStore(transaction)
            guard let task = try store.lockedTask(id: Int64(task)) else { throw Unexpected("no such task") }
            try store.delete(task)
        }
    }

    func sweep() async throws { while try await database.write({ try TaskStore($0).sweep(rowsMax: 7) }) {} }

    func count(_ table: StaticString) async throws -> Int {
        try await database.read { try $0.value("SELECT count(*) FROM \(raw: table)") ?? -1 }
    }

    func indexedRows() async throws -> Int {
        try await database.read { try $0.value("SELECT CAST(sum(row_count) AS BIGINT) FROM scrape_segments") ?? -1 }
    }

    /// Whether each result is in one segment or one range, and in one only.
    func isWhole() async throws -> Bool {
        try await database.read { transaction in
            let store = IndexStore(transaction)
            var places = try store.unindexed(limit: .max >> 1).flatMap { Array($0.first..<$0.first + Int64($0.count)) }
            let keys = try store.segments().map { PartKey.make($0.id, field: 0, number: 0) }
            try store.forEachPart(keys) { _, octets in places += SegmentFile.ranges(octets).joined() }
            let results: [Int64] = try transaction.query("SELECT id FROM scrape_results").map { try $0.get("id") }
            return Set(places).count == places.count && Set(results).isSubset(of: places)
        }
    }

    /// All results of tasks that are there, in order.
    private func everything() async throws -> [StoredResult] {
        try await database.read { transaction in
            try transaction.query(
                """
                \(ResultStore.names) FROM scrape_results r JOIN scrape_tasks t ON t.id = r.task
                JOIN scrape_executions e ON e.id = r.execution ORDER BY r.id
                """
            ).map(StoredResult.init)
        }
    }

    /// Some queries, asked both ways, whole and in parts.
    func compare(_ random: inout SeededGenerator) async throws {
        let search = ResultSearch(database: database, cache: cache)
        let all = try await everything()
        let records = try all.map { try JSONValue(parsing: $0.data) }
        var found = 0
        for _ in 0..<150 {
            let text = RandomRecords.query(of: records, &random)
            guard let query = SearchQuery(text) else { continue }
            let types: [ScrapeTaskType]? = random.chance(percent: 20) ? [.userInfo] : nil
            let matcher = SearchMatcher(query: query)
            let expected = all.filter { result in
                types?.contains { $0.rawValue == result.taskType } != false && matcher.matches(result)
            }.map(\.id.rawValue)
            let skip = Int.random(in: 0...max(1, expected.count), using: &random)
            for (skip, limit) in [(0, 10_000), (skip, 7)] {
                let answer = try await search.find(query, of: types, skip: skip, limit: limit)
                #expect(answer.total == expected.count, "\(text.debugDescription)")
                #expect(
                    answer.results.map(\.id.rawValue) == Array(expected.dropFirst(skip).prefix(limit)),
                    "\(text.debugDescription)")
            }
            found += expected.isEmpty ? 0 : 1
        }
        #expect(found > 30)
    }
}

/// Runs `body` with an empty store.
///
/// - Parameter version: Of the scraper's schema; nil: today's.
func withStore(
    _ engine: StoreEngine, version: Int? = nil, _ body: (IndexedStore) async throws -> Void
) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let directory = try TemporaryDirectory()
    let database = try await engine.open(in: directory, logger: logger)
    do {
        try await database.migrate(
            ScrapeService.storeMigrations.filter { $0.service != "scrape" || $0.number <= version ?? .max })
        try await body(
            IndexedStore(database: database, follower: IndexFollower(database: database, rowsMin: 1, logger: logger)))
    } catch {
        await database.close()
        throw error
    }
    await database.close()
}
