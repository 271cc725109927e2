import Database

/// What happened on one day to one task, or to several.
struct DayCount: Hashable, Sendable {
    var started = 0
    var completed = 0
    var failed = 0
    var stopped = 0
    /// Completed ones that brought nothing new.
    var empty = 0
    /// Calls of the API.
    var requests = 0
    /// New results.
    var items = 0
    var spent = Cost.zero
    /// Waits for the API's next window, or the next day's budget.
    var waits = 0
    /// How long those were, as they were planned.
    var waitedMilliseconds: Int64 = 0
}

/// Counts by day, kept in the transactions that do what is counted: whoever asks for a year's sums reads no results and
/// no executions.
///
/// A row a day and task, so that executions do not wait for each other; tasks that are gone share the row of task 0.
struct DayCounts {
    private static let millisecondsPerDay: Int64 = 86_400_000

    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    /// The day of an instant: days since 1970, UTC.
    static func day(of instant: Int64) -> Int64 { instant / millisecondsPerDay }
    /// Its first instant.
    static func start(of day: Int64) -> Int64 { day * millisecondsPerDay }

    func add(_ count: DayCount, to task: Int64, at now: Int64) throws {
        try transaction.executeLater(
            """
            INSERT INTO scrape_days (day, task, started, completed, failed, stopped, empty, requests, items, spent,
                waits, waited_ms)
            VALUES (\(Self.day(of: now)), \(task), \(count.started), \(count.completed), \(count.failed),
                \(count.stopped), \(count.empty), \(count.requests), \(count.items), \(count.spent.millionths),
                \(count.waits), \(count.waitedMilliseconds))
            \(Self.adding)
            """)
    }

    func addFailure(_ reason: String, to task: Int64, at now: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO scrape_failures (day, reason, task, amount) VALUES (\(Self.day(of: now)), \(reason), \(task), 1)
            \(Self.addingFailures)
            """)
    }

    func spent(on day: Int64, by task: Int64) throws -> Cost {
        try cost("SELECT spent FROM scrape_days WHERE day = \(day) AND task = \(task)")
    }

    /// By all tasks.
    func spent(on day: Int64) throws -> Cost {
        try cost("SELECT CAST(sum(spent) AS \(integer)) FROM scrape_days WHERE day = \(day)")
    }

    private func cost(_ query: SQL) throws -> Cost {
        let millionths: Int64?? = try transaction.value(query)
        return Cost(millionths: (millionths ?? nil) ?? 0)
    }

    /// A server's sums are no integers.
    private var integer: SQL { transaction.dialect == .postgreSQL ? "BIGINT" : "INTEGER" }

    /// What a task did is nobody's from now on; the sums stay.
    func release(_ task: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO scrape_days (day, task, started, completed, failed, stopped, empty, requests, items, spent,
                waits, waited_ms)
            SELECT day, 0, started, completed, failed, stopped, empty, requests, items, spent, waits,
                waited_ms
            FROM scrape_days WHERE task = \(task) ORDER BY day
            \(Self.adding)
            """)
        try transaction.execute("DELETE FROM scrape_days WHERE task = \(task)")
        try transaction.execute(
            """
            INSERT INTO scrape_failures (day, reason, task, amount)
            SELECT day, reason, 0, amount FROM scrape_failures WHERE task = \(task) ORDER BY day, reason
            \(Self.addingFailures)
            """)
        try transaction.execute("DELETE FROM scrape_failures WHERE task = \(task)")
    }

    private static let adding: SQL = """
        ON CONFLICT (day, task) DO UPDATE SET started = scrape_days.started + excluded.started,
            completed = scrape_days.completed + excluded.completed, failed = scrape_days.failed + excluded.failed,
            stopped = scrape_days.stopped + excluded.stopped, empty = scrape_days.empty + excluded.empty,
            requests = scrape_days.requests + excluded.requests, items = scrape_days.items + excluded.items,
            spent = scrape_days.spent + excluded.spent, waits = scrape_days.waits + excluded.waits,
            waited_ms = scrape_days.waited_ms + excluded.waited_ms
        """
    private static let addingFailures: SQL = """
        ON CONFLICT (day, reason, task) DO UPDATE SET amount = scrape_failures.amount + excluded.amount
        """
}
