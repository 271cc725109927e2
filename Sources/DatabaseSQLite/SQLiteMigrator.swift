import Database
import Foundation

/// Applies migrations and keeps the version table.
enum SQLiteMigrator {
    /// All in the one transaction given: a store is at its new version or untouched.
    static func apply(_ migrations: [Migration], in transaction: any Transaction) throws {
        try transaction.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_versions (
                service TEXT NOT NULL,
                number INTEGER NOT NULL,
                name TEXT NOT NULL,
                applied_at INTEGER NOT NULL,
                PRIMARY KEY (service, number)
            ) STRICT, WITHOUT ROWID
            """)
        var applied: [String: Int] = [:]
        let query: SQL = "SELECT service, max(number) AS version FROM schema_versions GROUP BY service"
        for row in try transaction.query(query) {
            applied[try row.get("service")] = try row.get("version", as: Int.self)
        }
        for migration in try MigrationPlan(migrations, applied: applied).pending {
            try migration.apply(transaction)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            try transaction.execute(
                """
                INSERT INTO schema_versions (service, number, name, applied_at)
                VALUES (\(migration.service), \(migration.number), \(migration.name), \(now))
                """)
        }
    }
}
