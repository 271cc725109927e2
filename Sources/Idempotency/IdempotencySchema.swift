package import Database

/// The table of replies kept under keys; in the store of the service that answers, whose transactions it shares.
package enum IdempotencySchema {
    package static let migrations = [
        Migration(
            service: "idempotency", number: 1, name: "replies under the keys of their calls",
            statements: [
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
            ])
    ]
}
