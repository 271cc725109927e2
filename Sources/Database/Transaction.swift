/// What a closure given to `read` or `write` may do.
///
/// Valid inside that closure only and not sendable: statements run one after another on the engine's own thread.
/// Nothing else is hidden: isolation and constraint rules are the engine's.
package protocol Transaction {
    /// Runs a statement that answers no rows.
    ///
    /// - Returns: The number of rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int

    /// Runs a statement for whose answer nobody waits: at the latest at the end of the operation, before anything that
    /// follows it. Where the engine is a server, several of them cost one round trip.
    ///
    /// It fails as `execute` does, but whoever comes next may be told: the statement that follows, or the operation as a
    /// whole.
    func executeLater(_ sql: SQL) throws

    /// All rows of the answer. For answers that are small by their statement (`LIMIT`, a key); see `forEachRow`.
    func query(_ sql: SQL) throws -> [Row]

    /// Row after row, without holding them all; answering false stops.
    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws

    /// Runs an action once the transaction is durable, and never when it is not.
    ///
    /// The action runs on the engine's thread before the caller of `write` is resumed: it should only ring a bell.
    func afterCommit(_ action: @escaping @Sendable () -> Void)

    /// Whose SQL it speaks.
    var dialect: SQLDialect { get }

    /// When it began by the store's own clock, in milliseconds since 1970; nil where the store has none but ours.
    var time: Int64? { get }
}

extension Transaction {
    package var dialect: SQLDialect { .sqlite }
    package var time: Int64? { nil }

    package func executeLater(_ sql: SQL) throws { try execute(sql) }

    /// The first row of the answer.
    package func queryOne(_ sql: SQL) throws -> Row? {
        var first: Row?
        try forEachRow(sql) { row in
            first = row
            return false
        }
        return first
    }

    /// The only column of the first row, such as a count.
    package func value<T: DatabaseValueConvertible>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
        guard let row = try queryOne(sql) else { return nil }
        guard row.values.count == 1 else {
            throw DatabaseError(.decoding, "expected one column, found \(row.values.count)")
        }
        return try row.get(row.columns[0])
    }
}
