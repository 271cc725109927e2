import Database
import Foundation
import Logging
import PostgreSQLClient

/// The writing connection, as group commit drives it; belongs to the writing thread.
///
/// A connection that breaks takes its transaction with it, and the batch runs again on another one. Only a connection
/// that breaks during COMMIT leaves the outcome open: then the server is asked what became of the transaction.
final class WriterSession: CommitEngine, @unchecked Sendable {
    private static let savepoint = "SAVEPOINT operation"
    private static let question = PostgreSQLStatement(
        "SELECT pg_current_xact_id()::text, (extract(epoch FROM clock_timestamp()) * 1000)::bigint")

    /// What changes when the server recovers from a crash: its start, or, where only one of its processes crashed, the
    /// statistics it then throws away.
    private static let incarnationQuestion = PostgreSQLStatement(
        "SELECT pg_postmaster_start_time()::text || coalesce((SELECT stats_reset FROM pg_stat_wal)::text, '')")

    /// How long the server is asked for an outcome before nobody is told one.
    private static let resolutionTimeout = Duration.seconds(10)

    private let options: PostgreSQLOptions
    private let reach: ServerReach
    private let logger: Logger
    private var session: StatementSession?
    /// The server's name for the transaction under way, and when it began by the server's clock.
    private var transactionID = ""
    private var transactionTime: Int64?
    /// Of the server that the session is with.
    private var incarnation: PostgreSQLValue = .null

    init(_ options: PostgreSQLOptions, reach: ServerReach, logger: Logger) {
        self.options = options
        self.reach = reach
        self.logger = logger
    }

    func close() { session = nil }

    /// A connection that was lost while nobody used it is replaced without a word.
    func begin() throws {
        try translatingErrors {
            let isFresh = session == nil
            do {
                try beginOnce()
            } catch let error as PostgreSQLError where error.kind == .connectionLost && !isFresh {
                try beginOnce()
            }
        }
    }

    private func beginOnce() throws {
        let results = try usableSession().connection.run([
            PostgreSQLStatement("BEGIN"), Self.question,
        ])
        guard let row = results[1].rows.first, case .text(let id) = row[0], case .integer(let time) = row[1] else {
            throw DatabaseError(.decoding, "expected the id and the time of the transaction, found none")
        }
        (transactionID, transactionTime) = (id, time)
    }

    var isTransactionOpen: Bool {
        guard let connection = session?.connection, connection.isUsable else { return false }
        return connection.transaction != .none
    }

    func beginSavepoint() throws { session?.enqueue(Self.savepoint) }

    /// An operation that swallowed the failure of a statement has still failed: nothing after it was done. What it wanted
    /// executed later is executed here, so that what fails of it is its own failure and nobody else's.
    func checkTransaction() throws {
        guard isTransactionOpen, let session else { throw DatabaseError.transactionGone }
        try translatingErrors { try session.flushWork() }
        if session.connection.transaction == .failed {
            throw DatabaseError(.rolledBack, "a statement of the operation failed and the operation went on")
        }
    }

    func releaseSavepoint() throws {
        guard let session else { return }
        if !session.takeBack(Self.savepoint) { session.enqueue("RELEASE operation") }
    }

    func rollBackToSavepoint() throws {
        guard let session, !session.takeBack(Self.savepoint) else { return }
        session.dropCommands()
        _ = try translatingErrors {
            try session.connection.run([
                PostgreSQLStatement("ROLLBACK TO operation"), PostgreSQLStatement("RELEASE operation"),
            ])
        }
    }

    func rollBack() throws {
        guard let connection = session?.connection else { return }
        session = StatementSession(connection)
        try translatingErrors { _ = try connection.run(PostgreSQLStatement("ROLLBACK")) }
    }

    func commit() throws {
        guard let session else { throw DatabaseError(.rolledBack, "expected an open transaction, found none") }
        do {
            let result = try session.run(PostgreSQLStatement("COMMIT"))
            // A failed transaction answers COMMIT with ROLLBACK, which is no error to the server.
            guard result.command == "COMMIT" else {
                throw DatabaseError(.rolledBack, "expected the transaction to be committed, found it rolled back")
            }
        } catch let error as PostgreSQLError {
            guard error.kind == .connectionLost else { throw DatabaseError(error) }
            reach.lost(error.message)
            try resolve(error)
        }
    }

    func operation() -> OperationScope {
        guard let session else { return OperationScope(transaction: NoTransaction()) { [] } }
        let transaction = PostgreSQLTransaction(session, time: transactionTime)
        return OperationScope(transaction: transaction) { transaction.actions }
    }

    /// Asks what became of the transaction whose COMMIT was not answered.
    ///
    /// A server that has crashed gives the number of a transaction that left no trace to another one, so that only a
    /// server that has not can say that it is committed.
    private func resolve(_ loss: PostgreSQLError) throws {
        let asked = incarnation
        logger.warning("a commit was not answered; asking for its outcome", metadata: ["error": "\(loss)"])
        let end = ContinuousClock.now + Self.resolutionTimeout
        var delay = ReconnectDelay()
        while ContinuousClock.now < end {
            switch try? outcome() {
            case "committed" where incarnation == asked: return
            case "committed":
                throw DatabaseError(.outcomeUnknown, "the server crashed during a commit: \(loss.message)")
            case "aborted": throw DatabaseError(loss)
            default: Thread.sleep(forTimeInterval: delay.next() / .seconds(1))
            }
        }
        throw DatabaseError(
            .outcomeUnknown, "the server vanished during a commit and did not come back: \(loss.message)")
    }

    private func outcome() throws -> String? {
        let question = PostgreSQLStatement("SELECT pg_xact_status($1::text::xid8)", [.text(transactionID)])
        guard case .text(let word)? = try usableSession().connection.run(question).rows.first?.first else { return nil }
        return word
    }

    private func usableSession() throws(PostgreSQLError) -> StatementSession {
        if let session, session.connection.isUsable { return session }
        session = nil
        do throws(PostgreSQLError) {
            let connection = try PostgreSQLConnection(options)
            incarnation = try connection.run(Self.incarnationQuestion).rows.first?.first ?? .null
            let made = StatementSession(connection)
            session = made
            reach.reached()
            return made
        } catch {
            reach.lost(error.message)
            throw error
        }
    }
}

/// Stands where there is no connection: everything is refused.
private struct NoTransaction: Transaction {
    private var refusal: DatabaseError { DatabaseError(.rolledBack, "expected an open transaction, found none") }

    func execute(_ sql: SQL) throws -> Int { throw refusal }
    func query(_ sql: SQL) throws -> [Row] { throw refusal }
    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws { throw refusal }
    func afterCommit(_ action: @escaping @Sendable () -> Void) {}
}
