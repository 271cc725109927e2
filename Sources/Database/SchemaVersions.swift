import Foundation

/// The table that says which migrations a store has.
package enum SchemaVersions {
    /// Applies what is missing, all in the one transaction given: a store is at its new version or untouched.
    ///
    /// - Parameter table: The engine's own statement that creates `schema_versions` when it is not there.
    package static func apply(_ migrations: [Migration], table: SQL, in transaction: any Transaction) throws {
        try transaction.execute(table)
        for migration in try MigrationPlan(migrations, applied: versions(in: transaction)).pending {
            try migration.apply(transaction)
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            try transaction.execute(
                """
                INSERT INTO schema_versions (service, number, name, applied_at)
                VALUES (\(migration.service), \(migration.number), \(migration.name), \(now))
                """)
        }
    }

    /// The highest number applied per service. Throws `olderStore` when the store has no such table: nothing of ours was
    /// ever written there.
    package static func applied(in transaction: any Transaction) throws -> [String: Int] {
        let table: SQL =
            switch transaction.dialect {
            case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'schema_versions'"
            case .postgreSQL: "SELECT 1 AS name WHERE to_regclass('schema_versions') IS NOT NULL"
            }
        guard try transaction.queryOne(table) != nil else {
            throw DatabaseError(.olderStore, "expected a store of this program, found one without schema_versions")
        }
        return try versions(in: transaction)
    }

    private static func versions(in transaction: any Transaction) throws -> [String: Int] {
        var applied: [String: Int] = [:]
        let query: SQL = "SELECT service, max(number) AS version FROM schema_versions GROUP BY service"
        for row in try transaction.query(query) {
            applied[try row.get("service")] = try row.get("version", as: Int.self)
        }
        return applied
    }
}
