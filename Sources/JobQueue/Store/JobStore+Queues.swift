import Database

/// What was decided about a queue while processes run.
struct QueueRow: Sendable {
    let name: String
    /// nil: what the processes' own settings say.
    let concurrencyMax: Int?
    let pausedAt: JobTime?

    static let columns: SQL = "name, concurrency_max, paused_at"

    init(_ row: Row) throws {
        name = try row.get("name")
        concurrencyMax = try row.get("concurrency_max")
        pausedAt = try row.get("paused_at")
    }
}

extension JobStore {
    /// The queues jobs may be claimed of, with the caps that hold now; other processes wait until the transaction is
    /// over.
    func openQueues(_ request: ClaimRequest) throws -> [QueueOptions] {
        let rows = try lockedQueues(request.queues.map(\.name))
        return request.queues.compactMap { options in
            guard let row = rows[options.name] else { return nil }
            var open = options
            open.isPaused = options.isPaused || row.pausedAt != nil
            open.concurrencyMax = row.concurrencyMax ?? options.concurrencyMax
            return open.isPaused || open.concurrencyMax <= 0 ? nil : open
        }
    }

    /// The caps that hold now.
    func caps(of queues: [QueueOptions]) throws -> [String: Int] {
        let rows = try transaction.query(
            "SELECT \(QueueRow.columns) FROM job_queues WHERE name IN \(list: queues.map(\.name))"
        ).map(QueueRow.init)
        return Dictionary(
            queues.map { queue in
                (queue.name, rows.first { $0.name == queue.name }?.concurrencyMax ?? queue.concurrencyMax)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The rows, made when they are not there.
    private func lockedQueues(_ names: [String]) throws -> [String: QueueRow] {
        let query: SQL = """
            SELECT \(QueueRow.columns) FROM job_queues WHERE name IN \(list: names) ORDER BY name
            \(transaction.dialect.forUpdate)
            """
        var rows = try transaction.query(query)
        if rows.count < Set(names).count {
            for name in names.sorted() {
                try transaction.execute("INSERT INTO job_queues (name) VALUES (\(name)) ON CONFLICT (name) DO NOTHING")
            }
            rows = try transaction.query(query)
        }
        return Dictionary(try rows.map(QueueRow.init).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func setPaused(_ name: String, since time: JobTime?) throws {
        try transaction.execute(
            """
            INSERT INTO job_queues (name, paused_at) VALUES (\(name), \(time))
            ON CONFLICT (name) DO UPDATE SET paused_at = excluded.paused_at
            """)
    }

    func setCap(_ concurrencyMax: Int?, of name: String) throws {
        try transaction.execute(
            """
            INSERT INTO job_queues (name, concurrency_max) VALUES (\(name), \(concurrencyMax))
            ON CONFLICT (name) DO UPDATE SET concurrency_max = excluded.concurrency_max
            """)
    }
}
