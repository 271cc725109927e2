import Database
import PostgreSQLClient

/// Statements on one connection, with the transaction's own commands travelling in front of them.
///
/// BEGIN, SAVEPOINT and RELEASE answer nothing anybody waits for, so they are sent together with the next statement and
/// cost no round trip of their own.
final class StatementSession {
    let connection: PostgreSQLConnection
    /// Sent in front of the next statement.
    private var commands: [PostgreSQLStatement] = []

    init(_ connection: PostgreSQLConnection) { self.connection = connection }

    func enqueue(_ command: String) { commands.append(PostgreSQLStatement(command)) }

    /// Takes back the last command, if it is this one and was not sent yet.
    func takeBack(_ command: String) -> Bool {
        guard commands.last?.text == command else { return false }
        commands.removeLast()
        return true
    }

    func run(_ statement: PostgreSQLStatement) throws -> PostgreSQLResult {
        let sent = commands + [statement]
        commands = []
        let results = try connection.run(sent)
        return results[results.count - 1]
    }

    func forEachRow(
        _ statement: PostgreSQLStatement, _ body: ([String], [PostgreSQLValue]) throws -> Bool
    ) throws {
        try flush()
        try connection.forEachRow(statement, body)
    }

    func flush() throws {
        if commands.isEmpty { return }
        let sent = commands
        commands = []
        try connection.run(sent)
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
