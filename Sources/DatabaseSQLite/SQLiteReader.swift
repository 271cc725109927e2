import BlockingThreads
import Database
import GRDB

/// The loop of a reading thread: one operation after another, each on a snapshot of its own.
struct SQLiteReader: Sendable {
    let inbox: Inbox<any PendingOperation>
    let queue: DatabaseQueue

    func run() {
        while let operations = inbox.take(max: 1) {
            for operation in operations { perform(operation) }
        }
        try? queue.close()
    }

    private func perform(_ operation: any PendingOperation) {
        do {
            let actions = try queue.writeWithoutTransaction { connection in
                try translatingErrors { try snapshot(of: connection, for: operation) }
            }
            for action in actions { action() }
            operation.succeed()
        } catch {
            operation.fail(error)
        }
    }

    /// The snapshot begins with the first statement and ends here, so that no read holds back the log.
    private func snapshot(
        of connection: GRDB.Database, for operation: any PendingOperation
    ) throws -> [@Sendable () -> Void] {
        try connection.cachedStatement(sql: "BEGIN DEFERRED").execute()
        defer {
            if connection.isInsideTransaction {
                try? connection.cachedStatement(sql: "ROLLBACK").execute()
            }
        }
        let transaction = SQLiteTransaction(connection)
        try operation.run(in: transaction)
        return transaction.actions
    }
}
