import BlockingThreads
import Database
import GRDB
import Logging
import Synchronization

/// The loop of the writing thread: take what waits, commit it together, resume its callers.
///
/// The previous fsync is the batch window: nothing lingers for company.
struct SQLiteWriter: Sendable {
    let inbox: Inbox<any PendingOperation>
    let queue: DatabaseQueue
    let options: SQLiteOptions
    let gate: AdmissionGate
    let logger: Logger

    func run() {
        while let batch = inbox.take(max: options.batchOperationsMax) {
            if let failure = gate.failure {
                for operation in batch { operation.fail(failure) }
                continue
            }
            let admitted = batch.filter(admit)
            if admitted.isEmpty { continue }
            queue.writeWithoutTransaction { connection in
                let engine = SQLiteCommitEngine(connection: connection, beforeCommit: options.beforeCommit)
                _ = GroupCommit(engine: engine, onBroken: stopAcknowledging).run(admitted)
            }
        }
        try? queue.close()
    }

    private func stopAcknowledging(_ error: any Error) {
        gate.fail("the disk failed during a commit: \(error)")
        logger.critical("store stops acknowledging writes", metadata: ["error": "\(error)"])
    }

    private func admit(_ operation: any PendingOperation) -> Bool {
        guard operation.admission == .newWork, let refusal = gate.refusalOfNewWork() else { return true }
        operation.fail(refusal)
        return false
    }
}

/// The engine's transaction commands on the writing connection.
struct SQLiteCommitEngine: CommitEngine {
    let connection: GRDB.Database
    let beforeCommit: (@Sendable () throws -> Void)?

    /// IMMEDIATE takes the write lock at once: a transaction never has to be upgraded later.
    func begin() throws { try command("BEGIN IMMEDIATE") }
    func beginSavepoint() throws { try command("SAVEPOINT operation") }
    func releaseSavepoint() throws { try command("RELEASE operation") }
    func rollBack() throws { try command("ROLLBACK") }

    /// `ROLLBACK TO` leaves the savepoint on the stack.
    func rollBackToSavepoint() throws {
        try command("ROLLBACK TO operation")
        try command("RELEASE operation")
    }

    func commit() throws {
        try beforeCommit?()
        try command("COMMIT")
    }

    var isTransactionOpen: Bool { connection.isInsideTransaction }

    func checkTransaction() throws {
        guard isTransactionOpen else { throw DatabaseError.transactionGone }
    }

    func operation() -> OperationScope {
        let transaction = SQLiteTransaction(connection)
        return OperationScope(transaction: transaction) { transaction.actions }
    }

    private func command(_ text: String) throws {
        try translatingErrors { try connection.cachedStatement(sql: text).execute() }
    }
}
