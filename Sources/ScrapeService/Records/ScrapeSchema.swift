import Database

/// The tables of the scraper.
enum ScrapeSchema {
    static let migrations = [
        Migration(
            service: "scrape", number: 1, name: "tasks, executions, results",
            statements: [
                // AUTOINCREMENT because an id is never used again: results are named by it.
                """
                CREATE TABLE scrape_tasks (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL UNIQUE,
                    task_name TEXT NOT NULL,
                    about TEXT,
                    task_type TEXT NOT NULL,
                    parameters BLOB NOT NULL,
                    account_id TEXT,
                    proxy_id TEXT,
                    user_id TEXT NOT NULL,
                    dedup TEXT NOT NULL,
                    status TEXT NOT NULL,
                    error_message TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER,
                    execution INTEGER,
                    job INTEGER,
                    results INTEGER NOT NULL DEFAULT 0,
                    newest_id TEXT
                ) STRICT
                """,
                "CREATE INDEX scrape_tasks_by_user ON scrape_tasks (user_id, id)",
                "CREATE INDEX scrape_tasks_by_status ON scrape_tasks (status, id)",
                // `parameters` is the snapshot of the start. Below it: where the crawl is.
                """
                CREATE TABLE scrape_executions (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL UNIQUE,
                    task INTEGER NOT NULL,
                    task_key TEXT NOT NULL,
                    task_type TEXT NOT NULL,
                    parameters BLOB NOT NULL,
                    account_id TEXT,
                    proxy_id TEXT,
                    dedup TEXT NOT NULL,
                    status TEXT NOT NULL,
                    error_message TEXT,
                    started_at INTEGER NOT NULL,
                    completed_at INTEGER,
                    result_count INTEGER NOT NULL DEFAULT 0,
                    job INTEGER NOT NULL,
                    upstream_user TEXT,
                    page_token TEXT,
                    fetched INTEGER NOT NULL DEFAULT 0,
                    since_id TEXT,
                    newest_id TEXT,
                    requests INTEGER NOT NULL DEFAULT 0,
                    refusals INTEGER NOT NULL DEFAULT 0,
                    waits_until INTEGER
                ) STRICT
                """,
                "CREATE INDEX scrape_executions_by_task ON scrape_executions (task, id)",
                "CREATE INDEX scrape_executions_by_job ON scrape_executions (job)",
                "CREATE INDEX scrape_executions_by_status ON scrape_executions (status, id)",
                // Numbered by `ResultID`.
                """
                CREATE TABLE scrape_results (
                    id INTEGER PRIMARY KEY,
                    task INTEGER NOT NULL,
                    upstream_id TEXT NOT NULL,
                    execution INTEGER NOT NULL,
                    scraped_at INTEGER NOT NULL,
                    data BLOB NOT NULL
                ) STRICT
                """,
                "CREATE UNIQUE INDEX scrape_results_once ON scrape_results (task, upstream_id)",
                // Tasks that are gone; their results follow piece by piece.
                "CREATE TABLE scrape_removed (task INTEGER PRIMARY KEY) STRICT",
            ]),
        Migration(
            service: "scrape", number: 2, name: "accounts and proxies",
            statements: [
                """
                CREATE TABLE scrape_secrets (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    label TEXT NOT NULL,
                    shown TEXT,
                    sealed BLOB NOT NULL,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER,
                    UNIQUE (kind, name)
                ) STRICT
                """
            ]),
        Migration(
            service: "scrape", number: 3, name: "index of results",
            statements: [
                // What came and is in no segment yet; of a store that had results before: all.
                """
                CREATE TABLE scrape_unindexed (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    first_id INTEGER NOT NULL,
                    row_count INTEGER NOT NULL
                ) STRICT
                """,
                """
                INSERT INTO scrape_unindexed (first_id, row_count)
                SELECT id * 4294967296, results FROM scrape_tasks WHERE results > 0
                """,
                // Results that changed after they had been kept.
                "CREATE TABLE scrape_stale (id INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT",
                // AUTOINCREMENT because parts are remembered by their segment's number.
                """
                CREATE TABLE scrape_segments (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    row_count INTEGER NOT NULL,
                    octets INTEGER NOT NULL,
                    first_id INTEGER NOT NULL,
                    last_id INTEGER NOT NULL,
                    outdated INTEGER NOT NULL,
                    paths TEXT NOT NULL
                ) STRICT
                """,
                // Numbered by `PartKey`.
                "CREATE TABLE scrape_segment_parts (id INTEGER PRIMARY KEY, octets BLOB NOT NULL) STRICT",
            ],
            // Its attempts to make parts smaller take longer than writing them.
            postgreSQL: ["ALTER TABLE scrape_segment_parts ALTER COLUMN octets SET STORAGE EXTERNAL"]),
        costs,
        gaps,
    ]
}
