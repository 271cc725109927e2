package import Database

/// The tables of the export service.
///
/// The request stays out of the row that lists and details read; rows that came with it are in a file (`RowsKeeper`).
package enum ExportSchema {
    package static let migrations = [
        Migration(
            service: "export", number: 1, name: "exports and their requests",
            statements: [
                // AUTOINCREMENT because an id is never used again. `status` is the public word: 1 … 4.
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
            ]),
        Migration(
            service: "export", number: 2, name: "exports by the time they ended",
            statements: [
                """
                CREATE INDEX exports_to_forget ON exports (updated_at)
                WHERE artifact IS NULL AND status IN (2, 3, 4)
                """
            ]),
    ]
}
