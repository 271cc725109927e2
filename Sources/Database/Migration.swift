/// One step of a schema, numbered within its service.
///
/// Several services share a store, so each counts for itself. A migration that has been released is never changed:
/// another one follows it.
package struct Migration: Sendable {
    /// Whose schema: `jobs`, `export`, …
    package let service: String
    /// 1, 2, 3, … without gaps.
    package let number: Int
    /// What it does, in a few words; kept in the store for whoever reads it later.
    package let name: String
    package let apply: @Sendable (any Transaction) throws -> Void

    package init(
        service: String, number: Int, name: String, apply: @escaping @Sendable (any Transaction) throws -> Void
    ) {
        self.service = service
        self.number = number
        self.name = name
        self.apply = apply
    }

    /// - Parameters:
    ///   - statements: In SQLite's words, which a server reads translated: INTEGER, REAL, TEXT, BLOB, STRICT.
    ///   - postgreSQL: What only a server needs, after them.
    package init(service: String, number: Int, name: String, statements: [SQL], postgreSQL: [SQL] = []) {
        self.init(service: service, number: number, name: name) { transaction in
            let dialect = transaction.dialect
            for statement in statements { try transaction.execute(statement.asSchema(of: dialect)) }
            for statement in dialect == .postgreSQL ? postgreSQL : [] { try transaction.execute(statement) }
        }
    }
}

/// Which migrations of a list are still to be applied.
package struct MigrationPlan: Sendable {
    package let pending: [Migration]

    /// - Parameter applied: The highest number applied per service, as the store's version table says.
    package init(_ migrations: [Migration], applied: [String: Int]) throws {
        var pending: [Migration] = []
        for (service, steps) in Dictionary(grouping: migrations, by: \.service).sorted(by: { $0.key < $1.key }) {
            let steps = steps.sorted { $0.number < $1.number }
            let numbers = steps.map(\.number)
            guard numbers == Array(1...steps.count) else {
                throw DatabaseError(.misuse, "expected migrations 1…\(steps.count) of \(service), found \(numbers)")
            }
            let version = applied[service] ?? 0
            guard version <= steps.count else {
                throw DatabaseError(
                    .newerStore,
                    "the store has version \(version) of \(service), this program knows \(steps.count): "
                        + "start the newer program, or restore a backup made before it ran")
            }
            pending += steps.dropFirst(version)
        }
        self.pending = pending
    }
}
