import Database

/// An item that came, ready to be kept.
struct NewResult: Sendable {
    let upstreamID: String
    /// JSON.
    let data: [UInt8]
}

/// A result with what callers are told of it.
struct StoredResult: Sendable {
    let id: ResultID
    /// The item's own id at the API.
    let upstreamID: String
    let data: [UInt8]
    let scrapedAt: Int64
    let task: String
    let taskType: String
    let execution: String

    init(_ row: Row) throws {
        id = ResultID(rawValue: try row.get("id"))
        upstreamID = try row.get("upstream_id")
        data = try row.get("data")
        scrapedAt = try row.get("scraped_at")
        task = try row.get("task_name")
        taskType = try row.get("task_type")
        execution = try row.get("execution_name")
    }
}

/// Reads and writes results inside a transaction.
struct ResultStore {
    /// Rows of one INSERT: few enough for either engine's bound values, and few different statements.
    private static let insertRowsMax = 64

    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    /// Which of these items a task has already, and which execution brought them.
    ///
    /// Each is looked up by itself, whatever the engine thinks of the table: a server that is asked for a list, and planned
    /// that while the table was small, reads all results of the task for every page.
    func known(_ ids: [String], of task: Int64) throws -> [String: Int64] {
        var known: [String: Int64] = [:]
        guard !ids.isEmpty else { return known }
        try transaction.forEachRow(
            """
            SELECT column1 AS upstream_id, (
                SELECT execution FROM scrape_results WHERE task = \(task) AND upstream_id = column1) AS execution
            FROM (VALUES \(column: ids)) AS asked
            """
        ) { row in
            if let execution = try row.get("execution", as: Int64?.self) {
                known[try row.get("upstream_id")] = execution
            }
            return true
        }
        return known
    }

    /// Adds results behind the last one of a task, whose counter is its own.
    func insert(_ results: [NewResult], task: Int64, execution: Int64, from place: Int, at now: Int64) throws {
        var start = 0
        while start < results.count {
            let end = min(start + Self.insertRowsMax, results.count)
            var rows = SQL.Interpolation(literalCapacity: 0, interpolationCount: (end - start) * 6)
            rows.appendLiteral(
                "INSERT INTO scrape_results (id, task, upstream_id, execution, scraped_at, data) VALUES ")
            for index in start..<end {
                let result = results[index]
                if index > start { rows.appendLiteral(", ") }
                let row: SQL = """
                    (\(ResultID(task: task, place: place + index).rawValue), \(task), \(result.upstreamID), \
                    \(execution), \(now), \(result.data))
                    """
                rows.appendInterpolation(row)
            }
            try transaction.executeLater(SQL(stringInterpolation: rows))
            start = end
        }
        try IndexStore(transaction).note(first: ResultID(task: task, place: place), count: results.count)
    }

    /// Puts a newer version in the place of what a task has.
    func overwrite(_ result: NewResult, task: Int64, execution: Int64, at now: Int64) throws {
        try transaction.execute(
            """
            UPDATE scrape_results SET data = \(result.data), execution = \(execution), scraped_at = \(now)
            WHERE task = \(task) AND upstream_id = \(result.upstreamID)
            """)
        try IndexStore(transaction).noteChange(task: task, upstreamID: result.upstreamID)
    }

    /// Calls `body` with numbers and data of the results among these numbers, in order.
    func forEachData(in ids: Range<Int64>, _ body: (Int64, [UInt8]) -> Void) throws {
        try transaction.forEachRow(
            """
            SELECT id, data FROM scrape_results WHERE id >= \(ids.lowerBound) AND id < \(ids.upperBound) ORDER BY id
            """
        ) { row in
            body(try row.get("id"), try row.get("data"))
            return true
        }
    }

    /// Calls `body` with a task's results from a place on, until there is none or it answers false.
    func forEach(of task: Int64, from place: Int, limit: Int, _ body: (StoredResult) throws -> Bool) throws {
        let range = ResultID.range(of: task)
        try transaction.forEachRow(
            """
            \(Self.columns) WHERE r.id >= \(range.lowerBound + Int64(place)) AND r.id < \(range.upperBound)
            ORDER BY r.id LIMIT \(limit)
            """
        ) { try body(StoredResult($0)) }
    }

    /// Results by their numbers, in this order.
    func results(_ ids: [Int64]) throws -> [StoredResult] {
        guard !ids.isEmpty else { return [] }
        return try transaction.query("\(Self.columns) WHERE r.id IN \(list: ids) ORDER BY r.id").map(StoredResult.init)
    }

    /// What a `StoredResult` is read from.
    static var names: SQL {
        "SELECT r.id, r.upstream_id, r.data, r.scraped_at, t.name AS task_name, t.task_type, e.name AS execution_name"
    }

    private static var columns: SQL {
        """
        \(names) FROM scrape_results r JOIN scrape_tasks t ON t.id = r.task JOIN scrape_executions e ON e.id = r.execution
        """
    }
}
