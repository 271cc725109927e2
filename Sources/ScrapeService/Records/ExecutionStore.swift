import Database
import JobQueue
import ServiceContracts

/// Reads and writes executions inside a transaction.
struct ExecutionStore {
    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    func execution(_ name: String) throws -> ExecutionRecord? {
        try transaction.queryOne("SELECT * FROM scrape_executions WHERE name = \(name)").map(ExecutionRecord.init)
    }

    func execution(id: Int64) throws -> ExecutionRecord? {
        try transaction.queryOne("SELECT * FROM scrape_executions WHERE id = \(id)").map(ExecutionRecord.init)
    }

    func execution(job: JobID) throws -> ExecutionRecord? {
        try transaction.queryOne("SELECT * FROM scrape_executions WHERE job = \(job)").map(ExecutionRecord.init)
    }

    /// Begins one; answers its number.
    func insert(_ task: TaskRecord, job: JobID, crawl: CrawlState, at now: Int64) throws -> Int64 {
        let order = task.order
        let id: Int64? = try transaction.value(
            """
            INSERT INTO scrape_executions
                (name, task, task_key, task_type, parameters, account_id, proxy_id, dedup, status, started_at, job,
                upstream_user, page_token, fetched, since_id, until_id, newest_id, oldest_id, gaps)
            VALUES (\(PublicName.make("exec")), \(task.id), \(task.name), \(order.type.rawValue), \(order.parameters), \
            \(order.accountID), \(order.proxyID), \(order.dedup.rawValue), \(ScrapeStatus.running.rawValue), \(now), \
            \(job), \(crawl.upstreamUser), \(crawl.pageToken), \(crawl.fetched), \(crawl.sinceID), \(crawl.untilID), \
            \(crawl.newestID), \(crawl.oldestID), \(CrawlGap.text(crawl.gaps)))
            RETURNING id
            """)
        guard let id else { throw DatabaseError(.decoding, "expected the number of a new execution, found nothing") }
        return id
    }

    /// Writes where the crawl is, and what it waits for from now on; counts what a page brought and cost.
    func update(
        _ id: Int64, crawl: CrawlState, added: Int = 0, spent: Cost = .zero, wait: ScrapeWait? = nil
    ) throws {
        try transaction.executeLater(
            """
            UPDATE scrape_executions SET upstream_user = \(crawl.upstreamUser), page_token = \(crawl.pageToken),
                fetched = \(crawl.fetched), newest_id = \(crawl.newestID), requests = \(crawl.requests),
                since_id = \(crawl.sinceID), until_id = \(crawl.untilID), oldest_id = \(crawl.oldestID),
                gaps = \(CrawlGap.text(crawl.gaps)), refusals = \(crawl.refusals), waits_until = \(wait?.until),
                phase = \(wait?.phase.rawValue), waits_for = \(wait?.budget), result_count = result_count + \(added),
                spent = spent + \(spent.millionths)
            WHERE id = \(id)
            """)
    }

    /// Jobs of executions that wait for a budget, with what their tasks may spend now.
    func waitingForBudget(serviceMaxPerDay: Cost?) throws -> [(job: JobID, waitsFor: String?, budget: Budget)] {
        try transaction.query(
            """
            SELECT e.job, e.waits_for, t.max_cost, t.max_cost_per_day
            FROM scrape_executions e JOIN scrape_tasks t ON t.execution = e.id
            WHERE e.status = \(ScrapeStatus.running.rawValue) AND e.phase = \(ScrapeWait.Phase.budget.rawValue)
            """
        ).map { row in
            let most = try ["max_cost", "max_cost_per_day"].map {
                try row.get($0, as: Int64?.self).map(Cost.init(millionths:))
            }
            let budget = Budget(maxCost: most[0], maxCostPerDay: most[1], serviceMaxPerDay: serviceMaxPerDay)
            return (try row.get("job"), try row.get("waits_for"), budget)
        }
    }

    /// Ends one, and counts how.
    func end(_ execution: ExecutionRecord, _ status: ScrapeStatus, error: String?, at now: Int64) throws {
        try transaction.execute(
            """
            UPDATE scrape_executions SET status = \(status.rawValue), error_message = \(error), completed_at = \(now),
                waits_until = NULL, phase = NULL, waits_for = NULL
            WHERE id = \(execution.id)
            """)
        var count = DayCount()
        switch status {
        case .completed:
            count.completed = 1
            count.empty = execution.resultCount == 0 ? 1 : 0
        case .failed: count.failed = 1
        default: count.stopped = 1
        }
        let days = DayCounts(transaction)
        try days.add(count, to: execution.task, at: now)
        if status == .failed {
            let reason = String((error ?? "").prefix { $0 != ":" })
            try days.addFailure(reason, to: execution.task, at: now)
        }
    }

    /// The last execution of a task before another one that came to its end; 0 when none did.
    func lastCompleted(of task: Int64, before id: Int64) throws -> Int64 {
        try transaction.value(
            """
            SELECT max(id) FROM scrape_executions
            WHERE task = \(task) AND id < \(id) AND status = \(ScrapeStatus.completed.rawValue)
            """) ?? 0
    }

    func page(task: String?, status: String?, _ part: ListPart) throws -> (items: [ExecutionRecord], total: Int) {
        let condition: SQL = """
            1 = 1 \(task.map { "AND task = (SELECT id FROM scrape_tasks WHERE name = \($0))" as SQL } ?? "")
            \(status.map { "AND status = \($0.uppercased())" as SQL } ?? "")
            """
        let total: Int = try transaction.value("SELECT count(*) FROM scrape_executions WHERE \(condition)") ?? 0
        let rows = try transaction.query(
            """
            SELECT * FROM scrape_executions WHERE \(condition) ORDER BY id DESC
            LIMIT \(part.size) OFFSET \(part.offset)
            """)
        return (try rows.map(ExecutionRecord.init), total)
    }

    /// Newest first.
    func history(of task: String, skip: Int = 0, limit: Int) throws -> [ExecutionRecord] {
        try transaction.query(
            """
            SELECT * FROM scrape_executions WHERE task = (SELECT id FROM scrape_tasks WHERE name = \(task))
            ORDER BY id DESC LIMIT \(limit) OFFSET \(skip)
            """
        ).map(ExecutionRecord.init)
    }
}
