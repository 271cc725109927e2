package import Database

/// The tables of the queue.
///
/// Parameters and results stay out of `jobs`, the row every step touches. The partial indexes hold only the jobs that
/// wait or run, so a million finished ones do not slow a claim; they are used only by statements that spell the
/// state as a literal.
package enum JobSchema {
    package static let migrations =
        [
            Migration(service: "jobs", number: 1, name: "jobs, executions and outbox", statements: tables + indexes),
            Migration(
                service: "jobs", number: 2, name: "queues, and workers of one store", statements: processes,
                postgreSQL: events),
            Migration(service: "jobs", number: 3, name: "dependencies, limits and schedules", statements: features),
            Migration(
                service: "jobs", number: 4, name: "the same tables in every store, jobs of messages",
                statements: completion),
            Migration(service: "jobs", number: 5, name: "all of a job that is scheduled", statements: scheduledJobs),
        ] + OutboxSchema.migrations

    private static let tables: [SQL] = [
        // `executing` is the fence of the execution that physically exists, also after the job was taken from it:
        // slots and locks belong to the execution. AUTOINCREMENT because an id is never used again.
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
        // The keys a job wants, and the keys executions have.
        "CREATE TABLE job_keys (job INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (job, key)) STRICT, WITHOUT ROWID",
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
    ]

    private static let processes: [SQL] = [
        // What was decided while processes run; NULL leaves it to their settings.
        """
        CREATE TABLE job_queues (
            name TEXT PRIMARY KEY,
            concurrency_max INTEGER,
            paused_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        // The process that executes; NULL where there is only one.
        "ALTER TABLE jobs ADD COLUMN worker TEXT",
        """
        CREATE TABLE job_workers (
            id TEXT PRIMARY KEY,
            started_at INTEGER NOT NULL,
            heartbeat_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE job_leader (
            id INTEGER PRIMARY KEY,
            worker TEXT NOT NULL,
            term INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "INSERT INTO job_leader (id, worker, term, until) VALUES (1, '', 0, 0)",
        "CREATE INDEX jobs_of_worker ON jobs (worker) WHERE executing IS NOT NULL",
    ]

    private static let features: [SQL] = [
        // Jobs that have to succeed first, counted; and whether somebody counts on this one.
        "ALTER TABLE jobs ADD COLUMN waits_for INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE jobs ADD COLUMN has_dependents INTEGER NOT NULL DEFAULT 0",
        // Stands in line for a unique key that another job holds.
        "ALTER TABLE jobs ADD COLUMN queued_key TEXT",
        "ALTER TABLE jobs ADD COLUMN limit_key TEXT",
        "ALTER TABLE job_payloads ADD COLUMN limit_running INTEGER",
        "ALTER TABLE job_payloads ADD COLUMN limit_starts INTEGER",
        "ALTER TABLE job_payloads ADD COLUMN limit_period_ms INTEGER",
        """
        CREATE TABLE job_dependencies (
            job INTEGER NOT NULL,
            dependency INTEGER NOT NULL,
            PRIMARY KEY (job, dependency)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX job_dependents ON job_dependencies (dependency)",
        // Starts of jobs that share a limit, in the window that began then.
        """
        CREATE TABLE job_limits (
            key TEXT PRIMARY KEY,
            window_at INTEGER NOT NULL,
            starts INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX jobs_limited ON jobs (limit_key) WHERE executing IS NOT NULL AND limit_key IS NOT NULL",
        "CREATE INDEX jobs_successors ON jobs (predecessor) WHERE predecessor IS NOT NULL",
        "CREATE INDEX jobs_in_line ON jobs (kind, queued_key) WHERE queued_key IS NOT NULL",
        """
        CREATE TABLE job_schedules (
            name TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            zone TEXT NOT NULL,
            missed TEXT NOT NULL CHECK (missed IN ('skip', 'once', 'all')),
            kind TEXT NOT NULL,
            queue TEXT NOT NULL,
            parameters BLOB NOT NULL,
            priority INTEGER NOT NULL,
            attempts_max INTEGER NOT NULL,
            next_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX job_schedules_due ON job_schedules (next_at) WHERE next_at IS NOT NULL",
    ]

    private static let completion: [SQL] = [
        // Number 2 as it was at first made these on a server only.
        """
        CREATE TABLE IF NOT EXISTS job_workers (
            id TEXT PRIMARY KEY,
            started_at INTEGER NOT NULL,
            heartbeat_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE IF NOT EXISTS job_leader (
            id INTEGER PRIMARY KEY,
            worker TEXT NOT NULL,
            term INTEGER NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "INSERT INTO job_leader (id, worker, term, until) VALUES (1, '', 0, 0) ON CONFLICT (id) DO NOTHING",
        "CREATE INDEX IF NOT EXISTS jobs_of_worker ON jobs (worker) WHERE executing IS NOT NULL",
        // The job whose end a message tells of.
        "ALTER TABLE outbox ADD COLUMN job INTEGER",
        "CREATE INDEX outbox_of_job ON outbox (job) WHERE job IS NOT NULL",
    ]

    // NULL where a schedule was made before: what a job has without.
    private static let scheduledJobs: [SQL] = [
        "ALTER TABLE job_schedules ADD COLUMN deadline_ms INTEGER",
        "ALTER TABLE job_schedules ADD COLUMN backoff_first_ms INTEGER",
        "ALTER TABLE job_schedules ADD COLUMN backoff_max_ms INTEGER",
        "ALTER TABLE job_schedules ADD COLUMN rescue TEXT",
        "ALTER TABLE job_schedules ADD COLUMN rescue_reason TEXT",
        // A JSON array of texts.
        "ALTER TABLE job_schedules ADD COLUMN exclusive_keys TEXT",
        "ALTER TABLE job_schedules ADD COLUMN limit_key TEXT",
        "ALTER TABLE job_schedules ADD COLUMN limit_running INTEGER",
        "ALTER TABLE job_schedules ADD COLUMN limit_starts INTEGER",
        "ALTER TABLE job_schedules ADD COLUMN limit_period_ms INTEGER",
    ]

    /// What processes that share the store tell each other.
    private static let events: [SQL] = [
        // A sequence alone is no cursor: numbers become visible in another order than they were taken.
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
        // Every job dies several times as a row version.
        "ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)",
        "ALTER TABLE job_events SET (autovacuum_vacuum_scale_factor = 0.02)",
    ]

    private static let indexes: [SQL] = [
        "CREATE INDEX jobs_ready ON jobs (queue, priority DESC, due_at, id) WHERE state = 'ready'",
        "CREATE INDEX jobs_scheduled ON jobs (due_at) WHERE state = 'scheduled'",
        "CREATE INDEX jobs_executing ON jobs (queue) WHERE executing IS NOT NULL",
        "CREATE INDEX jobs_suspect ON jobs (queue) WHERE rescues >= 2 AND state IN ('ready', 'running', 'cancelling')",
        """
        CREATE UNIQUE INDEX jobs_unique ON jobs (kind, unique_key)
        WHERE unique_key IS NOT NULL AND state IN ('blocked', 'scheduled', 'ready', 'running')
        """,
        "CREATE INDEX jobs_ended ON jobs (state, ended_at) WHERE state IN ('succeeded', 'failed', 'cancelled')",
        "CREATE INDEX job_locks_job ON job_locks (job)",
        "CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE state = 'waiting'",
        "CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state IN ('delivered', 'failed')",
    ]
}
