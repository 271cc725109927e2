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

    /// The same on a server, the first that could be there.
    static let secondOnServer: [SQL] = [
        """
        CREATE TABLE schema_versions (
            service TEXT NOT NULL,
            number BIGINT NOT NULL,
            name TEXT NOT NULL,
            applied_at BIGINT NOT NULL,
            PRIMARY KEY (service, number)
        )
        """,
        """
        CREATE TABLE jobs (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            kind TEXT NOT NULL,
            queue TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN (
                'blocked', 'scheduled', 'ready', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
            priority BIGINT NOT NULL,
            due_at BIGINT NOT NULL,
            attempt BIGINT NOT NULL DEFAULT 0,
            fence BIGINT NOT NULL DEFAULT 0,
            executing BIGINT,
            rescues BIGINT NOT NULL DEFAULT 0,
            key_count BIGINT NOT NULL DEFAULT 0,
            unique_key TEXT,
            predecessor BIGINT,
            created_at BIGINT NOT NULL,
            started_at BIGINT,
            ended_at BIGINT,
            note TEXT
        )
        """,
        """
        CREATE TABLE job_payloads (
            job BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            parameters BYTEA NOT NULL,
            deadline_ms BIGINT,
            attempts_max BIGINT NOT NULL,
            backoff_first_ms BIGINT NOT NULL,
            backoff_max_ms BIGINT NOT NULL,
            rescue TEXT NOT NULL CHECK (rescue IN ('resume', 'rerun', 'fail')),
            rescue_reason TEXT
        )
        """,
        """
        CREATE TABLE job_results (job BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, result BYTEA NOT NULL)
        """,
        """
        CREATE TABLE job_attempts (
            job BIGINT NOT NULL,
            fence BIGINT NOT NULL,
            attempt BIGINT NOT NULL,
            started_at BIGINT NOT NULL,
            ended_at BIGINT NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT,
            PRIMARY KEY (job, fence)
        )
        """,
        """
        CREATE TABLE job_progress (
            job BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            done BIGINT NOT NULL,
            total BIGINT,
            note TEXT,
            updated_at BIGINT NOT NULL
        )
        """,
        "CREATE TABLE job_keys (job BIGINT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (job, key))",
        """
        CREATE TABLE job_locks (
            key TEXT PRIMARY KEY,
            job BIGINT NOT NULL,
            fence BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE outbox (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            message_id TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL,
            headers TEXT NOT NULL,
            body BYTEA NOT NULL,
            secret TEXT,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
            attempt BIGINT NOT NULL DEFAULT 0,
            due_at BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            ended_at BIGINT,
            last_status BIGINT,
            last_error TEXT
        )
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
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            hash_key TEXT NOT NULL UNIQUE,
            user_id TEXT NOT NULL,
            title TEXT NOT NULL,
            ext_type TEXT NOT NULL,
            source_type TEXT NOT NULL,
            callback TEXT,
            base TEXT,
            job BIGINT NOT NULL,
            status BIGINT NOT NULL CHECK (status IN (1, 2, 3, 4)),
            fail_reason TEXT NOT NULL DEFAULT '',
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            rows_written BIGINT NOT NULL DEFAULT 0,
            total_rows BIGINT,
            files BIGINT NOT NULL DEFAULT 0,
            bytes BIGINT NOT NULL DEFAULT 0,
            warnings BIGINT NOT NULL DEFAULT 0,
            artifact TEXT,
            expires_at BIGINT
        )
        """,
        """
        CREATE TABLE export_requests (export BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, body BYTEA NOT NULL)
        """,
        "CREATE INDEX exports_by_user ON exports (user_id, created_at)",
        "CREATE INDEX exports_by_job ON exports (job)",
        "CREATE INDEX exports_to_expire ON exports (expires_at) WHERE artifact IS NOT NULL",
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('jobs', 1, 'jobs, executions and outbox', 1)
        """,
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('export', 1, 'exports and their requests', 1)
        """,
        """
        CREATE TABLE job_queues (
            name TEXT PRIMARY KEY,
            concurrency_max BIGINT,
            paused_at BIGINT
        )
        """,
        "ALTER TABLE jobs ADD COLUMN worker TEXT",
        """
        CREATE TABLE keyed_calls (
            id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            method TEXT NOT NULL,
            principal BYTEA NOT NULL,
            key TEXT NOT NULL,
            params_hash BYTEA NOT NULL,
            reply BYTEA NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (method, principal, key)
        )
        """,
        "CREATE INDEX keyed_calls_by_age ON keyed_calls (created_at)",
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('jobs', 2, 'queues, and workers of one store', 1)
        """,
        """
        INSERT INTO schema_versions (service, number, name, applied_at) VALUES ('idempotency', 1, 'replies under the keys of their calls', 1)
        """,
        """
        CREATE TABLE job_workers (id TEXT PRIMARY KEY, started_at BIGINT NOT NULL, heartbeat_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE job_leader (id BIGINT PRIMARY KEY, worker TEXT NOT NULL, term BIGINT NOT NULL, until BIGINT NOT NULL)
        """,
        "INSERT INTO job_leader VALUES (1, '', 0, 0)",
        """
        CREATE TABLE job_events (
            xid XID8 NOT NULL DEFAULT pg_current_xact_id(),
            id BIGINT GENERATED ALWAYS AS IDENTITY,
            at BIGINT NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
            job BIGINT NOT NULL,
            state TEXT,
            done BIGINT,
            total BIGINT,
            note TEXT,
            PRIMARY KEY (xid, id)
        )
        """,
        "CREATE INDEX jobs_of_worker ON jobs (worker) WHERE executing IS NOT NULL",
        "ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)",
        "ALTER TABLE job_events SET (autovacuum_vacuum_scale_factor = 0.02)",
    ]
}
