/// The engine's transaction commands, as group commit needs them.
package protocol CommitEngine {
    func begin() throws
    func beginSavepoint() throws
    func releaseSavepoint() throws
    func rollBackToSavepoint() throws
    func commit() throws
    func rollBack() throws

    /// Whether the transaction still exists. Some failures end it without a word.
    var isTransactionOpen: Bool { get }

    /// Throws when the transaction cannot be committed any more: an operation may have swallowed the reason.
    func checkTransaction() throws

    /// A transaction for one operation, inside its savepoint.
    func operation() -> OperationScope
}

/// One operation's view of the shared transaction.
package struct OperationScope {
    package let transaction: any Transaction
    /// Actions the operation wants run once all is durable.
    package let afterCommit: () -> [@Sendable () -> Void]

    package init(transaction: any Transaction, afterCommit: @escaping () -> [@Sendable () -> Void]) {
        self.transaction = transaction
        self.afterCommit = afterCommit
    }
}

/// Makes many operations durable with one commit, and each of them all or nothing.
///
/// First they run one after the other with nothing in between, for nearly always all of them succeed, and a savepoint
/// costs as much as a small operation. When one fails, everything is rolled back and the batch runs again with a
/// savepoint around each operation: the one that fails is undone and its neighbours go on. So failures cost their
/// neighbours a second run, never more.
///
/// A savepoint does not protect from everything: a full disk, an I/O error and a few others roll back the *whole*
/// transaction, after which the next statement would silently commit alone. So after every operation the transaction is
/// looked at; if it is gone, nobody has been acknowledged, and the batch runs once more without the operation that broke
/// it.
///
///     callers:   A ──┐                       ┌── A resumed
///                B ──┼─► BEGIN A B C COMMIT ─┼── B resumed      (the fsync happens in COMMIT;
///                C ──┘                       └── C failed        what arrives meanwhile is the next batch)
package struct GroupCommit {
    /// What became of a batch.
    package enum Outcome {
        /// Durable, except for the operations told otherwise.
        case committed
        /// Nothing of it remains, and every caller has been told so.
        case failed(any Error)
        /// The disk failed while the outcome was being decided: nobody may be acknowledged from now on.
        case broken(any Error)
    }

    private let engine: any CommitEngine
    private let onBroken: (any Error) -> Void

    /// - Parameter onBroken: Called before the callers hear of a broken disk: who is told so finds the store already
    ///   not ready.
    package init(engine: any CommitEngine, onBroken: @escaping (any Error) -> Void = { _ in }) {
        self.engine = engine
        self.onBroken = onBroken
    }

    package func run(_ batch: [any PendingOperation]) -> Outcome {
        if let outcome = runTogether(batch) { return outcome }
        var remaining = batch
        var isReplay = false
        while true {
            switch attempt(&remaining) {
            case .decided(let outcome):
                return outcome
            case .lost(let breaker, let error) where !isReplay:
                breaker.fail(error)
                isReplay = true
            case .lost(let breaker, let error):
                breaker.fail(error)
                return abandon(remaining, with: error)
            }
        }
    }

    /// - Returns: nil when one of several operations failed: nothing remains of any, and nobody has been told anything.
    private func runTogether(_ batch: [any PendingOperation]) -> Outcome? {
        do { try engine.begin() } catch { return fail(batch, with: error) }
        var actions: [@Sendable () -> Void] = []
        do {
            for operation in batch {
                let scope = engine.operation()
                try operation.run(in: scope.transaction)
                try engine.checkTransaction()
                actions += scope.afterCommit()
            }
        } catch {
            do { if engine.isTransactionOpen { try engine.rollBack() } } catch {
                return engine.isTransactionOpen ? fail(batch, with: error) : nil
            }
            guard batch.count == 1 else { return nil }
            // It has no neighbours: nothing of it remains, and running it again would change nothing.
            batch[0].fail(error)
            return .committed
        }
        return commit(batch, actions)
    }

    private func commit(
        _ operations: [any PendingOperation], failures: [(any PendingOperation, any Error)] = [],
        _ actions: [@Sendable () -> Void]
    ) -> Outcome {
        do { try engine.commit() } catch { return fail(operations + failures.map(\.0), with: error) }
        for action in actions { action() }
        for operation in operations { operation.succeed() }
        for (operation, error) in failures { operation.fail(error) }
        return .committed
    }

    private enum Attempt {
        case decided(Outcome)
        /// The transaction vanished under this operation, which is no longer among the remaining ones.
        case lost(any PendingOperation, any Error)
    }

    private func attempt(_ remaining: inout [any PendingOperation]) -> Attempt {
        do { try engine.begin() } catch { return .decided(fail(remaining, with: error)) }
        var actions: [@Sendable () -> Void] = []
        var failures: [(any PendingOperation, any Error)] = []
        var succeeded: [any PendingOperation] = []
        for (index, operation) in remaining.enumerated() {
            let scope = engine.operation()
            do {
                try perform(operation, in: scope)
                succeeded.append(operation)
                actions += scope.afterCommit()
            } catch {
                guard engine.isTransactionOpen else {
                    remaining.remove(at: index)
                    return .lost(operation, error)
                }
                failures.append((operation, error))
            }
        }
        return .decided(commit(succeeded, failures: failures, actions))
    }

    private func perform(_ operation: any PendingOperation, in scope: OperationScope) throws {
        try engine.beginSavepoint()
        do {
            try operation.run(in: scope.transaction)
            try engine.checkTransaction()
            try engine.releaseSavepoint()
        } catch {
            try undo()
            throw error
        }
    }

    /// Undoes the operation that failed. One that cannot be undone alone takes the whole transaction with it: its
    /// neighbours run again, and nothing of it is committed with them.
    private func undo() throws {
        guard engine.isTransactionOpen else { return }
        do { try engine.rollBackToSavepoint() } catch { try engine.rollBack() }
    }

    /// The second loss: the neighbours are innocent, and are told that nothing of theirs remains.
    private func abandon(_ operations: [any PendingOperation], with error: any Error) -> Outcome {
        let told = DatabaseError(.rolledBack, "a neighbour in the same commit broke the transaction twice: \(error)")
        for operation in operations { operation.fail(told) }
        return .failed(told)
    }

    /// BEGIN or COMMIT failed.
    private func fail(_ operations: [any PendingOperation], with error: any Error) -> Outcome {
        var isBroken = Self.isDiskFailure(error)
        if engine.isTransactionOpen {
            do { try engine.rollBack() } catch { isBroken = true }
        }
        if isBroken { onBroken(error) }
        for operation in operations { operation.fail(error) }
        return isBroken ? .broken(error) : .failed(error)
    }

    private static func isDiskFailure(_ error: any Error) -> Bool {
        switch (error as? DatabaseError)?.kind {
        case .io, .corrupt: true
        default: false
        }
    }
}
