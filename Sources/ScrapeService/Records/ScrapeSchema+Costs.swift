import Database

extension ScrapeSchema {
    /// What was spent so far is not known of older executions; what else they did is.
    static let costs = Migration(
        service: "scrape", number: 4, name: "costs, days, webhooks, states of credentials",
        statements: [
            // Amounts are in millionths.
            "ALTER TABLE scrape_tasks ADD COLUMN max_cost INTEGER",
            "ALTER TABLE scrape_tasks ADD COLUMN max_cost_per_day INTEGER",
            "ALTER TABLE scrape_tasks ADD COLUMN spent INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scrape_executions ADD COLUMN spent INTEGER NOT NULL DEFAULT 0",
            // What it waits for.
            "ALTER TABLE scrape_executions ADD COLUMN phase TEXT",
            """
            CREATE TABLE scrape_days (
                day INTEGER NOT NULL,
                task INTEGER NOT NULL,
                started INTEGER NOT NULL,
                completed INTEGER NOT NULL,
                failed INTEGER NOT NULL,
                stopped INTEGER NOT NULL,
                empty INTEGER NOT NULL,
                requests INTEGER NOT NULL,
                items INTEGER NOT NULL,
                spent INTEGER NOT NULL,
                waits INTEGER NOT NULL,
                waited_ms INTEGER NOT NULL,
                PRIMARY KEY (day, task)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX scrape_days_by_task ON scrape_days (task)",
            """
            CREATE TABLE scrape_failures (
                day INTEGER NOT NULL,
                reason TEXT NOT NULL,
                task INTEGER NOT NULL,
                amount INTEGER NOT NULL,
                PRIMARY KEY (day, reason, task)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX scrape_failures_by_task ON scrape_failures (task)",
            """
            INSERT INTO scrape_days (day, task, started, completed, failed, stopped, empty, requests, items, spent,
                waits, waited_ms)
            SELECT started_at / 86400000, task, count(*), sum(CASE WHEN status = 'COMPLETED' THEN 1 ELSE 0 END),
                sum(CASE WHEN status = 'FAILED' THEN 1 ELSE 0 END), sum(CASE WHEN status = 'STOPPED' THEN 1 ELSE 0 END),
                sum(CASE WHEN status = 'COMPLETED' AND result_count = 0 THEN 1 ELSE 0 END), sum(requests),
                sum(result_count), 0, 0, 0
            FROM scrape_executions GROUP BY started_at / 86400000, task
            """,
            // `sealed` is the secret that signs; NULL: the service's.
            """
            CREATE TABLE scrape_webhooks (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                name TEXT NOT NULL UNIQUE,
                task INTEGER NOT NULL,
                url TEXT NOT NULL,
                events TEXT NOT NULL,
                sealed BLOB,
                created_at INTEGER NOT NULL,
                updated_at INTEGER
            ) STRICT
            """,
            "CREATE INDEX scrape_webhooks_by_task ON scrape_webhooks (task, id)",
            // Accounts, by name, that the API refuses to serve; the default one has no name.
            """
            CREATE TABLE scrape_troubles (
                credential TEXT PRIMARY KEY,
                reason TEXT NOT NULL,
                message TEXT NOT NULL,
                since INTEGER NOT NULL
            ) STRICT
            """,
            // Of proxies: whether tasks that name none may use it, and what became of calls through it.
            "ALTER TABLE scrape_secrets ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scrape_secrets ADD COLUMN calls INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scrape_secrets ADD COLUMN failures INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scrape_secrets ADD COLUMN latency_ms INTEGER NOT NULL DEFAULT 0",
        ])
}
