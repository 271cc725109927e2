import Database
import ServiceContracts

/// Looks at results themselves: at all of them it says what an index has to answer.
struct ResultScan {
    /// Values of one list.
    private static let listMax = 1_000

    private let transaction: any Transaction
    private let matcher: SearchMatcher
    /// Whose tasks' results count.
    private let ofTypes: SQL

    init(_ transaction: any Transaction, _ query: SearchQuery, _ types: [ScrapeTaskType]?) {
        self.transaction = transaction
        matcher = SearchMatcher(query: query)
        ofTypes = types.map { "AND t.task_type IN \(list: $0.map(\.rawValue))" } ?? ""
    }

    /// All that hold the query, in order.
    func everywhere() throws -> [Int64] { try matches(where: "1 = 1", order: "ORDER BY r.id") }

    /// Those that no segment of the index has.
    func unindexed() throws -> [Int64] {
        try matches(
            of: "scrape_unindexed u JOIN scrape_results r ON r.id >= u.first_id AND r.id < u.first_id + u.row_count",
            where: "1 = 1")
    }

    /// Those among these results.
    func among(_ ids: [Int64]) throws -> [Int64] {
        try parts(of: ids).flatMap { try matches(where: "r.id IN \(list: $0)") }
    }

    /// Those of these results whose tasks are there, and of the right type.
    func living(_ ids: [Int64]) throws -> [Int64] {
        var tasks: Set<Int64> = []
        var last: Int64?
        for id in ids where id >> 32 != last {
            last = id >> 32
            tasks.insert(id >> 32)
        }
        var living: Set<Int64> = []
        for part in parts(of: tasks.sorted()) {
            try transaction.forEachRow("SELECT t.id FROM scrape_tasks t WHERE t.id IN \(list: part) \(ofTypes)") {
                row in
                living.insert(try row.get("id"))
                return true
            }
        }
        if living.count == tasks.count { return ids }
        return ids.filter { living.contains($0 >> 32) }
    }

    private func parts(of ids: [Int64]) -> [ArraySlice<Int64>] {
        stride(from: 0, to: ids.count, by: Self.listMax).map { ids[$0..<min($0 + Self.listMax, ids.count)] }
    }

    private func matches(
        of source: SQL = "scrape_results r", where condition: SQL, order: SQL = ""
    ) throws -> [Int64] {
        var found: [Int64] = []
        guard !matcher.query.metadata.isEmpty else {
            try transaction.forEachRow(
                """
                SELECT r.id, r.data FROM \(source) JOIN scrape_tasks t ON t.id = r.task
                WHERE \(condition) \(ofTypes) \(order)
                """
            ) { row in
                if matcher.matches(try row.get("data", as: [UInt8].self)) { found.append(try row.get("id")) }
                return true
            }
            return found
        }
        try transaction.forEachRow(
            """
            \(ResultStore.names) FROM \(source) JOIN scrape_tasks t ON t.id = r.task
            JOIN scrape_executions e ON e.id = r.execution WHERE \(condition) \(ofTypes) \(order)
            """
        ) { row in
            let result = try StoredResult(row)
            if matcher.matches(result) { found.append(result.id.rawValue) }
            return true
        }
        return found
    }
}
