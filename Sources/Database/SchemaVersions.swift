import Foundation

/// The table that says which migrations a store has.
package enum SchemaVersions {
    /// Applies what is missing, all in the one transaction given: a store is at its new version or untouched.
    ///
    /// - Parameter table: The engine's own statement that creates `schema_versions` when it is not there.
    package static func apply(_ migrations: [Migration], table: SQL, in transaction: any Transaction) throws {
        try transaction.execute(table)
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
