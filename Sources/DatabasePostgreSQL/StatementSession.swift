import Database
import PostgreSQLClient

/// Statements on one connection, with those in front of them for whose answers nobody waits.
///
/// BEGIN, SAVEPOINT, RELEASE and what an operation executes later are sent together with the next statement and cost no
/// round trip of their own.
final class StatementSession {
    let connection: PostgreSQLConnection
    /// Sent in front of the next statement.
    private var commands: [PostgreSQLStatement] = []
    /// Whether an operation's own work is among them.
    private var hasWork = false

    init(_ connection: PostgreSQLConnection) { self.connection = connection }

    func enqueue(_ command: String) { commands.append(PostgreSQLStatement(command)) }

    func enqueueWork(_ statement: PostgreSQLStatement) {
        commands.append(statement)
        hasWork = true
    }

    /// Takes back a command with everything behind it; false if it was sent.
    func takeBack(_ command: String) -> Bool {
        guard let index = commands.lastIndex(where: { $0.text == command }) else { return false }
        commands.removeSubrange(index...)
        hasWork = false
        return true
    }

    /// Forgets what was not sent.
    func dropCommands() { _ = takeCommands() }

    private func takeCommands() -> [PostgreSQLStatement] {
        defer { (commands, hasWork) = ([], false) }
        return commands
    }

    func run(_ statement: PostgreSQLStatement) throws -> PostgreSQLResult {
        let results = try connection.run(takeCommands() + [statement])
        return results[results.count - 1]
    }

    func forEachRow(
        _ statement: PostgreSQLStatement, _ body: ([String], [PostgreSQLValue]) throws -> Bool
    ) throws {
        try flush()
        try connection.forEachRow(statement, body)
    }

    /// Sends an operation's work; commands alone wait for the next statement.
    func flushWork() throws {
        if hasWork { try flush() }
    }

    func flush() throws {
        if commands.isEmpty { return }
        try connection.run(takeCommands())
    }
}

/// Reads: one snapshot for all statements of a closure.
struct ReaderSession {
    private let session: StatementSession

    init(_ connection: PostgreSQLConnection) { session = StatementSession(connection) }

    func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        session.enqueue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let transaction = PostgreSQLTransaction(session)
        do {
            let answer = try body(transaction)
            if session.connection.transaction != .none { try session.connection.run(PostgreSQLStatement("COMMIT")) }
            for action in transaction.actions { action() }
            return answer
        } catch {
            // Fails only with the connection, which the pool then replaces.
            if session.connection.transaction != .none {
                _ = try? session.connection.run(PostgreSQLStatement("ROLLBACK"))
            }
            throw error
        }
    }
}
