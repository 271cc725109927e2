import Database

/// The version table of an embedded store.
enum SQLiteMigrator {
    static func apply(_ migrations: [Migration], in transaction: any Transaction) throws {
        let table: SQL = """
            CREATE TABLE IF NOT EXISTS schema_versions (
                service TEXT NOT NULL,
                number INTEGER NOT NULL,
                name TEXT NOT NULL,
                applied_at INTEGER NOT NULL,
                PRIMARY KEY (service, number)
            ) STRICT, WITHOUT ROWID
            """
        try SchemaVersions.apply(migrations, table: table, in: transaction)
    }
}
