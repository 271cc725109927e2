import Database

/// What is remembered of deliveries beside the messages: every attempt, and receivers that want no more.
enum OutboxSchema {
    static let migrations = [
        Migration(
            service: "outbox", number: 1, name: "attempts and endpoints",
            statements: [
                """
                CREATE TABLE outbox_attempts (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    message INTEGER NOT NULL,
                    attempt INTEGER NOT NULL,
                    started_at INTEGER NOT NULL,
                    duration_ms INTEGER NOT NULL,
                    status INTEGER,
                    error TEXT
                ) STRICT
                """,
                // By the URL's hash: a URL may be longer than an index takes.
                """
                CREATE TABLE outbox_endpoints (
                    url_hash TEXT PRIMARY KEY,
                    url TEXT NOT NULL,
                    disabled_at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX outbox_attempts_of_message ON outbox_attempts (message, id)",
                "CREATE INDEX outbox_attempts_by_time ON outbox_attempts (started_at)",
            ])
    ]
}
