import Database

/// Of what the counts are wanted.
struct AnalyticsFilter: Sendable {
    /// Days of one answer.
    static let daysMax: Int64 = 366
    static let daysDefault: Int64 = 30

    var days: ClosedRange<Int64>
    var userID: String?
    var task: String?

    /// On the rows of a table of counts.
    fileprivate var condition: SQL {
        """
        day >= \(days.lowerBound) AND day <= \(days.upperBound)
        \(userID.map { "AND task IN (SELECT id FROM scrape_tasks WHERE user_id = \($0))" as SQL } ?? "")
        \(task.map { "AND task = (SELECT id FROM scrape_tasks WHERE name = \($0))" as SQL } ?? "")
        """
    }
}

/// Reads counts inside a transaction: rows of days and entries of indexes, never results or executions.
struct AnalyticsStore {
    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    /// How many tasks there are of each status.
    func tasks(of userID: String?) throws -> [String: Int] {
        let condition: SQL = userID.map { "WHERE user_id = \($0)" } ?? ""
        return try counts("SELECT status AS word, count(*) AS amount FROM scrape_tasks \(condition) GROUP BY status")
    }

    /// How many executions wait, for what.
    func waiting() throws -> [String: Int] {
        try counts(
            """
            SELECT coalesce(phase, \(ScrapeWait.Phase.rateLimit.rawValue)) AS word, count(*) AS amount
            FROM scrape_executions WHERE status = 'RUNNING' AND waits_until IS NOT NULL GROUP BY 1
            """)
    }

    private func counts(_ query: SQL) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try transaction.query(query) {
            counts[try row.get("word"), default: 0] += try row.get("amount", as: Int.self)
        }
        return counts
    }

    /// By day; days on which nothing happened are left out.
    func days(_ filter: AnalyticsFilter) throws -> [Int64: DayCount] {
        var days: [Int64: DayCount] = [:]
        let rows = try transaction.query(
            """
            SELECT day, \(sum("started")), \(sum("completed")), \(sum("failed")), \(sum("stopped")), \(sum("empty")),
                \(sum("requests")), \(sum("items")), \(sum("spent")), \(sum("waits")), \(sum("waited_ms"))
            FROM scrape_days WHERE \(filter.condition) GROUP BY day
            """)
        for row in rows { days[try row.get("day")] = try DayCount(row) }
        return days
    }

    /// The words that lead error messages, the most frequent first.
    func failures(_ filter: AnalyticsFilter) throws -> [(reason: String, count: Int)] {
        try transaction.query(
            """
            SELECT reason, \(sum("amount")) FROM scrape_failures WHERE \(filter.condition)
            GROUP BY reason ORDER BY 2 DESC, reason
            """
        ).map { (try $0.get("reason"), try $0.get("amount")) }
    }

    /// A server's sums are no integers.
    private func sum(_ column: SQL) -> SQL {
        transaction.dialect == .postgreSQL
            ? "CAST(sum(\(column)) AS BIGINT) AS \(column)" : "sum(\(column)) AS \(column)"
    }
}

extension DayCount {
    fileprivate init(_ row: Row) throws {
        started = try row.get("started")
        completed = try row.get("completed")
        failed = try row.get("failed")
        stopped = try row.get("stopped")
        empty = try row.get("empty")
        requests = try row.get("requests")
        items = try row.get("items")
        spent = Cost(millionths: try row.get("spent"))
        waits = try row.get("waits")
        waitedMilliseconds = try row.get("waited_ms")
    }
}
