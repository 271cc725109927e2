import Database
import ServiceContracts

/// Finds results of all tasks. Every result is looked at once: totals are exact.
struct ResultSearch: Sendable {
    let database: any Database

    struct Found: Sendable {
        let results: [StoredResult]
        let total: Int
    }

    /// - Parameter types: Whose tasks' results are looked at; nil: all.
    func find(_ query: SearchQuery, of types: [ScrapeTaskType]?, skip: Int, limit: Int) async throws -> Found {
        let matcher = SearchMatcher(query: query)
        return try await database.read { transaction in
            var total = 0
            var wanted: [Int64] = []
            let found: (Int64) -> Void = { id in
                if total >= skip, wanted.count < limit { wanted.append(id) }
                total += 1
            }
            let store = ResultStore(transaction)
            if query.metadata.isEmpty {
                try store.forEachData(of: types) { id, data in if matcher.matches(data) { found(id) } }
            } else {
                try store.forEach(of: types) { if matcher.matches($0) { found($0.id.rawValue) } }
            }
            return Found(results: try store.results(wanted), total: total)
        }
    }
}

extension ResultStore {
    /// Results of living tasks, in the order of their numbers.
    fileprivate func forEachData(of types: [ScrapeTaskType]?, _ body: (Int64, [UInt8]) -> Void) throws {
        try transaction.forEachRow(
            """
            SELECT r.id, r.data FROM scrape_results r JOIN scrape_tasks t ON t.id = r.task
            WHERE 1 = 1 \(Self.condition(types)) ORDER BY r.id
            """
        ) { row in
            body(try row.get("id"), try row.get("data"))
            return true
        }
    }

    fileprivate func forEach(of types: [ScrapeTaskType]?, _ body: (StoredResult) -> Void) throws {
        try transaction.forEachRow("\(Self.columns) WHERE 1 = 1 \(Self.condition(types)) ORDER BY r.id") { row in
            body(try StoredResult(row))
            return true
        }
    }

    private static func condition(_ types: [ScrapeTaskType]?) -> SQL {
        guard let types else { return "" }
        return "AND t.task_type IN \(list: types.map(\.rawValue))"
    }
}
