import Database

/// Stores as earlier versions of the program made them, in the words those had.
enum OldSchemas {
    /// The first version: records, jobs and callbacks.
    static let first: [SQL] = [
        """
        CREATE TABLE schema_versions (
            service TEXT NOT NULL,
            number INTEGER NOT NULL,
            name TEXT NOT NULL,
            applied_at INTEGER NOT NULL,
            PRIMARY KEY (service, number)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            queue TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN (
                'blocked', 'scheduled', 'ready', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
            priority INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            executing INTEGER,
            rescues INTEGER NOT NULL DEFAULT 0,
            key_count INTEGER NOT NULL DEFAULT 0,
            unique_key TEXT,
            predecessor INTEGER,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            note TEXT
        ) STRICT
        """,
        """
        CREATE TABLE job_payloads (
            job INTEGER PRIMARY KEY,
            parameters BLOB NOT NULL,
            deadline_ms INTEGER,
            attempts_max INTEGER NOT NULL,
            backoff_first_ms INTEGER NOT NULL,
            backoff_max_ms INTEGER NOT NULL,
            rescue TEXT NOT NULL CHECK (rescue IN ('resume', 'rerun', 'fail')),
            rescue_reason TEXT
        ) STRICT
        """,
        "CREATE TABLE job_results (job INTEGER PRIMARY KEY, result BLOB NOT NULL) STRICT",
        """
        CREATE TABLE job_attempts (
            job INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT,
            PRIMARY KEY (job, fence)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE job_progress (
            job INTEGER PRIMARY KEY,
            done INTEGER NOT NULL,
            total INTEGER,
            note TEXT,
            updated_at INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE job_keys (job INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (job, key)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE job_locks (
            key TEXT PRIMARY KEY,
            job INTEGER NOT NULL,
            fence INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message_id TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            headers TEXT NOT NULL,
            body BLOB NOT NULL,
            secret TEXT,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
            attempt INTEGER NOT NULL DEFAULT 0,
            due_at INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            last_status INTEGER,
            last_error TEXT
        ) STRICT
        """,
        "CREATE INDEX jobs_ready ON jobs (queue, priority DESC, due_at, id) WHERE state = 'ready'",
        "CREATE INDEX jobs_scheduled ON jobs (due_at) WHERE state = 'scheduled'",
        "CREATE INDEX jobs_executing ON jobs (queue) WHERE executing IS NOT NULL",
        """
        CREATE INDEX jobs_suspect ON jobs (queue) WHERE rescues >= 2 AND state IN ('ready', 'running', 'cancelling')
        """,
        """
        CREATE UNIQUE INDEX jobs_unique ON jobs (kind, unique_key)
        WHERE unique_key IS NOT NULL AND state IN ('blocked', 'scheduled', 'ready', 'running')
        """,
        """
        CREATE INDEX jobs_ended ON jobs (state, ended_at) WHERE state IN ('succeeded', 'failed', 'cancelled')
        """,
        "CREATE INDEX job_locks_job ON job_locks (job)",
        "CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE state = 'waiting'",
        "CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state IN ('delivered', 'failed')",
        """
        CREATE TABLE exports (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            hash_key TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            title TEXT NOT NULL,
            ext_type TEXT NOT NULL,
            source_type TEXT NOT NULL,
            callback TEXT,
            base TEXT,
            job INTEGER NOT NULL,
            status INTEGER NOT NULL CHECK (status IN (1, 2, 3, 4)),
            fail_reason TEXT NOT NULL DEFAULT '',
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            rows_written INTEGER NOT NULL DEFAULT 0,
            total_rows INTEGER,
            files INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            warnings INTEGER NOT NULL DEFAULT 0,
            artifact TEXT,
            expires_at INTEGER
        ) STRICT
        """,
        "CREATE TABLE export_requests (export INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT",
        "CREATE INDEX exports_by_user ON exports (user_id, created_at)",
        "CREATE INDEX exports_by_job ON exports (job)",
        "CREATE INDEX exports_to_expire ON exports (expires_at) WHERE artifact IS NOT NULL",
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('jobs', 1, 'jobs, executions and outbox', 1)
        """,
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('export', 1, 'exports and their requests', 1)
        """,
    ]

    /// The last one before dependencies and limits: with queues, and replies under keys.
    static let second: [SQL] =
        first + [
            """
            CREATE TABLE job_queues (
                name TEXT PRIMARY KEY,
                concurrency_max INTEGER,
                paused_at INTEGER
            ) STRICT, WITHOUT ROWID
            """,
            "ALTER TABLE jobs ADD COLUMN worker TEXT",
            """
            CREATE TABLE keyed_calls (
                id INTEGER PRIMARY KEY,
                method TEXT NOT NULL,
                principal BLOB NOT NULL,
                key TEXT NOT NULL,
                params_hash BLOB NOT NULL,
                reply BLOB NOT NULL,
                created_at INTEGER NOT NULL,
                UNIQUE (method, principal, key)
            ) STRICT
            """,
            "CREATE INDEX keyed_calls_by_age ON keyed_calls (created_at)",
            """
            INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('jobs', 2, 'queues, and workers of one store', 1)
            """,
            """
            INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('idempotency', 1, 'replies under the keys of their calls', 1)
            """,
        ]
}
