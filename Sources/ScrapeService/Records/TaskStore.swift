import Database
import JobQueue
import ServiceContracts

/// Reads and writes tasks inside a transaction.
struct TaskStore {
    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    func task(_ name: String) throws -> TaskRecord? {
        try transaction.queryOne(
            """
            SELECT t.*, e.waits_until, e.phase FROM scrape_tasks t LEFT JOIN scrape_executions e ON e.id = t.execution
            WHERE t.name = \(name)
            """
        ).map(TaskRecord.init)
    }

    func task(id: Int64) throws -> TaskRecord? {
        try transaction.queryOne("SELECT * FROM scrape_tasks WHERE id = \(id)").map(TaskRecord.init)
    }

    /// The same, to be changed: nobody else changes it until the end of the transaction.
    ///
    /// Its job comes first, as at the end of an execution: who locks in another order waits for ever.
    func lockedTask(_ name: String, _ queue: JobQueue) throws -> TaskRecord? {
        guard let row = try transaction.queryOne("SELECT job FROM scrape_tasks WHERE name = \(name)") else {
            return nil
        }
        if let job = try row.get("job", as: JobID?.self) { try queue.lock(job, in: transaction) }
        return try transaction.queryOne(
            "SELECT * FROM scrape_tasks WHERE name = \(name) \(transaction.dialect.forUpdate)"
        ).map(TaskRecord.init)
    }

    func lockedTask(id: Int64) throws -> TaskRecord? {
        try transaction.queryOne(
            "SELECT * FROM scrape_tasks WHERE id = \(id) \(transaction.dialect.forUpdate)"
        ).map(TaskRecord.init)
    }

    /// - Returns: The new task's number.
    func insert(_ draft: TaskDraft, name: String, at now: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO scrape_tasks
                (name, task_name, about, task_type, parameters, account_id, proxy_id, user_id, dedup, status,
                max_cost, max_cost_per_day, created_at)
            VALUES (\(name), \(draft.name), \(draft.describe), \(draft.type.rawValue), \(draft.parameters), \
            \(draft.accountID), \(draft.proxyID), \(draft.userID), \(draft.dedup.rawValue), \
            \(ScrapeStatus.pending.rawValue), \(draft.maxCost?.millionths), \(draft.maxCostPerDay?.millionths), \(now))
            """)
    }

    /// Writes what may change of a task, but what pages add to.
    func update(_ task: TaskRecord) throws {
        let (order, state) = (task.order, task.state)
        try transaction.execute(
            """
            UPDATE scrape_tasks SET task_name = \(task.taskName), about = \(task.describe),
                parameters = \(order.parameters), account_id = \(order.accountID), proxy_id = \(order.proxyID),
                dedup = \(order.dedup.rawValue), status = \(state.status.rawValue),
                error_message = \(state.errorMessage), max_cost = \(task.maxCost?.millionths),
                max_cost_per_day = \(task.maxCostPerDay?.millionths), updated_at = \(task.updatedAt),
                execution = \(task.execution), job = \(task.job), newest_id = \(task.newestID)
            WHERE id = \(task.id)
            """)
    }

    /// Counts what a call has cost, and what it brought.
    func add(_ count: DayCount, to task: Int64, at now: Int64) throws {
        if count.spent > .zero || count.items > 0 {
            try transaction.executeLater(
                """
                UPDATE scrape_tasks SET results = results + \(count.items), spent = spent + \(count.spent.millionths)
                WHERE id = \(task)
                """)
        }
        try DayCounts(transaction).add(count, to: task, at: now)
    }

    /// Removes a task with its executions; its results can be seen by nobody from now on, and are swept.
    func delete(_ task: TaskRecord) throws {
        try DayCounts(transaction).release(task.id)
        for webhook in try WebhookStore.webhooks(of: task.id, in: transaction) {
            try WebhookStore.delete(webhook, in: transaction)
        }
        try transaction.execute("DELETE FROM scrape_executions WHERE task = \(task.id)")
        try transaction.execute("DELETE FROM scrape_tasks WHERE id = \(task.id)")
        try transaction.execute("INSERT INTO scrape_removed (task) VALUES (\(task.id))")
    }

    func page(_ filter: TaskFilter, _ part: ListPart) throws -> (items: [TaskRecord], total: Int) {
        let total: Int = try transaction.value("SELECT count(*) FROM scrape_tasks t WHERE \(filter.condition)") ?? 0
        let rows = try transaction.query(
            """
            SELECT t.*, e.waits_until, e.phase FROM scrape_tasks t LEFT JOIN scrape_executions e ON e.id = t.execution
            WHERE \(filter.condition) ORDER BY t.id DESC LIMIT \(part.size) OFFSET \(part.offset)
            """)
        return (try rows.map(TaskRecord.init), total)
    }

    /// Removes some results of deleted tasks; false when there are none left.
    func sweep(rowsMax: Int) throws -> Bool {
        guard let task: Int64 = try transaction.value("SELECT task FROM scrape_removed LIMIT 1") else { return false }
        let range = ResultID.range(of: task)
        let removed = try transaction.execute(
            """
            DELETE FROM scrape_results WHERE id IN (
                SELECT id FROM scrape_results WHERE id >= \(range.lowerBound) AND id < \(range.upperBound)
                LIMIT \(rowsMax))
            """)
        if removed < rowsMax {
            try transaction.execute("DELETE FROM scrape_removed WHERE task = \(task)")
            try IndexStore(transaction).forget(task: task)
        }
        return true
    }
}

/// Which tasks are meant. What is nil does not restrict; words are compared without case.
struct TaskFilter: Sendable {
    var status: String?
    var type: String?
    var userID: String?

    fileprivate var condition: SQL {
        """
        1 = 1 \(status.map { "AND t.status = \($0.uppercased())" as SQL } ?? "")
        \(type.map { "AND t.task_type = \($0.uppercased())" as SQL } ?? "")
        \(userID.map { "AND t.user_id = \($0)" as SQL } ?? "")
        """
    }
}

/// Which part of a list: a page of a size.
struct ListPart: Sendable {
    static let sizeDefault = 20
    static let sizeMax = 100

    let page: Int
    let size: Int

    /// Beyond any list, where the product does not fit.
    var offset: Int {
        let (product, overflow) = (page - 1).multipliedReportingOverflow(by: size)
        return overflow ? .max : product
    }

    /// 0 when nothing is there.
    static func pages(_ total: Int, size: Int) -> Int { (total + size - 1) / size }
}

extension TaskStore {
    /// Begins an execution of a task that does not run.
    ///
    /// - Parameter last: Its last one, where this one may go on.
    func begin(_ task: inout TaskRecord, job: JobID, after last: ExecutionRecord?, at now: Int64) throws {
        let crawl = CrawlState(after: last, of: task)
        task.execution = try ExecutionStore(transaction).insert(task, job: job, crawl: crawl, at: now)
        task.job = job
        task.state.status = .running
        task.state.errorMessage = nil
        task.updatedAt = now
        try update(task)
        try DayCounts(transaction).add(DayCount(started: 1), to: task.id, at: now)
    }
}
