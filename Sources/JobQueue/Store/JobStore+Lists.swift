import Database

extension JobStore {
    /// Jobs of one page, at most.
    static let pageMax = 1_000

    func page(_ filter: JobFilter, limit: Int) throws -> JobPage {
        let limit = min(max(limit, 1), Self.pageMax)
        let rows = try transaction.query(
            """
            SELECT j.*, r.result AS result FROM jobs j LEFT JOIN job_results r ON r.job = j.id
            WHERE \(filter.condition) ORDER BY j.id DESC LIMIT \(limit + 1)
            """)
        let jobs = try rows.prefix(limit).map(JobSnapshot.init)
        return JobPage(jobs: jobs, next: rows.count > limit ? jobs.last?.id : nil)
    }

    /// Failed jobs that nobody has started again; oldest last.
    func redrivable(_ filter: JobFilter, limit: Int) throws -> (matched: Int, ids: [JobID]) {
        var filter = filter
        filter.states = [.failed]
        let condition: SQL = """
            \(filter.condition) AND state = 'failed'
            AND NOT EXISTS (SELECT 1 FROM jobs s WHERE s.predecessor = jobs.id)
            """
        let matched: Int = try transaction.value("SELECT count(*) FROM jobs WHERE \(condition)") ?? 0
        let ids = try transaction.query(
            """
            SELECT id FROM jobs WHERE \(condition) ORDER BY id LIMIT \(max(0, limit)) \(transaction.dialect.forUpdate)
            """)
        return (matched, try ids.map { try $0.get("id") })
    }

    /// All queues that are known or have jobs that wait or run.
    func queueStatuses() throws -> [QueueStatus] {
        var names: [String: QueueRow?] = [:]
        for row in try transaction.query("SELECT \(QueueRow.columns) FROM job_queues").map(QueueRow.init) {
            names[row.name] = row
        }
        let ready = try counts("SELECT queue, count(*) AS jobs FROM jobs WHERE state = 'ready' GROUP BY queue")
        let executing = try counts(
            "SELECT queue, count(*) AS jobs FROM jobs WHERE executing IS NOT NULL GROUP BY queue")
        return Set(names.keys).union(ready.keys).union(executing.keys).sorted().map { name in
            let row = names[name] ?? nil
            return QueueStatus(
                name: name, concurrencyMax: row?.concurrencyMax, pausedAt: row?.pausedAt, ready: ready[name] ?? 0,
                executing: executing[name] ?? 0)
        }
    }

    private func counts(_ query: SQL) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try transaction.query(query) { counts[try row.get("queue")] = try row.get("jobs", as: Int.self) }
        return counts
    }
}

extension JobSnapshot {
    /// From a row of `jobs` with its `result`.
    init(_ row: Row) throws {
        self.init(
            id: try row.get("id"), kind: try row.get("kind"), queue: try row.get("queue"), state: try row.get("state"),
            attempt: try row.get("attempt"), fence: try row.get("fence"), rescues: try row.get("rescues"),
            priority: try row.get("priority"), dueAt: try row.get("due_at"), createdAt: try row.get("created_at"),
            startedAt: try row.get("started_at"), endedAt: try row.get("ended_at"), note: try row.get("note"),
            result: try row.get("result"))
    }
}
