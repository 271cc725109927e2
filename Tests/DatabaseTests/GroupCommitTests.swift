import Database
import Synchronization
import Testing

/// An engine that follows a script, to reach what a healthy disk never shows.
private final class ScriptedEngine: CommitEngine, Transaction, Sendable {
    struct State {
        var isOpen = false
        var log: [String] = []
    }

    let state = Mutex(State())
    let commitError: DatabaseError?
    let rollBackError: DatabaseError?
    let undoError: DatabaseError?
    /// Whether a rollback that fails leaves the transaction as it is.
    let staysOpen: Bool

    init(
        commitError: DatabaseError? = nil, rollBackError: DatabaseError? = nil, undoError: DatabaseError? = nil,
        staysOpen: Bool = false
    ) {
        self.commitError = commitError
        self.rollBackError = rollBackError
        self.undoError = undoError
        self.staysOpen = staysOpen
    }

    var log: [String] { state.withLock { $0.log } }
    var isTransactionOpen: Bool { state.withLock { $0.isOpen } }

    private func note(_ entry: String, isOpen: Bool? = nil) {
        state.withLock { state in
            state.log.append(entry)
            if let isOpen { state.isOpen = isOpen }
        }
    }

    func begin() throws { note("begin", isOpen: true) }
    func checkTransaction() throws {
        if !isTransactionOpen { throw DatabaseError.transactionGone }
    }

    func beginSavepoint() throws { note("savepoint") }
    func releaseSavepoint() throws { note("release") }

    func rollBackToSavepoint() throws {
        note("undo")
        if let undoError { throw undoError }
    }

    func commit() throws {
        if let commitError {
            note("commit fails")
            throw commitError
        }
        note("commit", isOpen: false)
    }

    func rollBack() throws {
        note("rollback", isOpen: staysOpen)
        if let rollBackError { throw rollBackError }
    }

    func operation() -> OperationScope { OperationScope(transaction: self) { [] } }

    /// The failure that ends the whole transaction without a word.
    func vanish() { note("vanished", isOpen: false) }

    func execute(_ sql: SQL) throws -> Int { 0 }
    func query(_ sql: SQL) throws -> [Row] { [] }
    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws {}
    func afterCommit(_ action: @escaping @Sendable () -> Void) {}
}

/// An operation that notes what it was told.
private final class RecordedOperation: PendingOperation {
    let admission = WriteAdmission.continuing
    let told = Mutex<[String]>([])
    let runs = Mutex(0)
    let body: @Sendable (_ run: Int) throws -> Void

    init(_ body: @escaping @Sendable (_ run: Int) throws -> Void = { _ in }) { self.body = body }

    func run(in transaction: any Transaction) throws {
        let run = runs.withLock { runs in
            runs += 1
            return runs
        }
        try body(run)
    }

    func succeed() { told.withLock { $0.append("durable") } }

    func fail(_ error: any Error) {
        let kind = (error as? DatabaseError).map { "\($0.kind)" } ?? "own error"
        told.withLock { $0.append(kind) }
    }

    var outcome: [String] { told.withLock { $0 } }
    var runCount: Int { runs.withLock { $0 } }
}

private struct OwnError: Error {}

@Suite("group commit")
struct GroupCommitTests {
    @Test("runs operations that all succeed with nothing in between")
    func runsTogether() {
        let engine = ScriptedEngine()
        let operations = [RecordedOperation(), RecordedOperation()]
        _ = GroupCommit(engine: engine).run(operations)
        #expect(operations.map(\.outcome) == [["durable"], ["durable"]])
        #expect(engine.log == ["begin", "commit"])
    }

    // together: A runs, B fails, C does not run; everything is rolled back and nobody is told anything
    // apart:    A runs, B fails and is undone, C runs; COMMIT
    @Test("undoes a failed operation and commits its neighbours")
    func undoesOne() {
        let engine = ScriptedEngine()
        let operations = [RecordedOperation(), RecordedOperation { _ in throw OwnError() }, RecordedOperation()]
        _ = GroupCommit(engine: engine).run(operations)
        #expect(operations.map(\.outcome) == [["durable"], ["own error"], ["durable"]])
        #expect(operations.map(\.runCount) == [2, 2, 1])
        #expect(engine.log.prefix(2) == ["begin", "rollback"])
        #expect(
            engine.log.dropFirst(2) == [
                "begin", "savepoint", "release", "savepoint", "undo", "savepoint", "release", "commit",
            ])
    }

    @Test("runs an operation that fails alone once")
    func failsAlone() {
        let engine = ScriptedEngine()
        let operation = RecordedOperation { _ in throw OwnError() }
        _ = GroupCommit(engine: engine).run([operation])
        #expect(operation.outcome == ["own error"] && operation.runCount == 1)
        #expect(engine.log == ["begin", "rollback"])
    }

    @Test("acknowledges nobody when what ran together cannot be rolled back")
    func failsToRollBackTogether() {
        let engine = ScriptedEngine(rollBackError: DatabaseError(.io, "rollback"), staysOpen: true)
        let operations = [RecordedOperation(), RecordedOperation { _ in throw OwnError() }]
        let outcome = GroupCommit(engine: engine).run(operations)
        #expect(operations.map(\.outcome) == [["io"], ["io"]])
        guard case .broken = outcome else {
            Issue.record("expected a broken store, found \(outcome)")
            return
        }
    }

    // A runs        B breaks the transaction      C has not run
    // nobody is told anything
    // A runs again                                C runs        COMMIT: A and C are durable, B is told why
    @Test("runs the others once more when an operation broke the transaction")
    func replays() {
        let engine = ScriptedEngine()
        let breaking = RecordedOperation { _ in
            engine.vanish()
            throw DatabaseError(.full, "full")
        }
        let operations = [RecordedOperation(), breaking, RecordedOperation()]
        _ = GroupCommit(engine: engine).run(operations)
        #expect(operations.map(\.outcome) == [["durable"], ["full"], ["durable"]])
        #expect(operations.map(\.runCount) == [3, 2, 1])
        #expect(engine.log.filter { $0 == "commit" }.count == 1)
    }

    @Test("notices a vanished transaction behind an operation that swallowed the error")
    func noticesSwallowedError() {
        let engine = ScriptedEngine()
        let swallowing = RecordedOperation { _ in engine.vanish() }  // and throws nothing
        let neighbour = RecordedOperation()
        _ = GroupCommit(engine: engine).run([swallowing, neighbour])
        #expect(swallowing.outcome == ["rolledBack"])
        #expect(neighbour.outcome == ["durable"])
    }

    @Test("commits nothing of an operation that cannot be undone alone")
    func undoFails() {
        let engine = ScriptedEngine(undoError: DatabaseError(.io, "undo"))
        let failing = RecordedOperation { _ in throw OwnError() }
        let neighbour = RecordedOperation()
        _ = GroupCommit(engine: engine).run([failing, neighbour])
        #expect(failing.outcome == ["own error"])
        #expect(neighbour.outcome == ["durable"])
        #expect(
            engine.log.dropFirst(2) == [
                "begin", "savepoint", "undo", "rollback", "begin", "savepoint", "release", "commit",
            ])
    }

    @Test("gives up after the second loss and acknowledges nobody")
    func givesUp() {
        let engine = ScriptedEngine()
        let breaking = (0..<2).map { _ in
            RecordedOperation { _ in
                engine.vanish()
                throw DatabaseError(.full, "full")
            }
        }
        let neighbour = RecordedOperation()
        let outcome = GroupCommit(engine: engine).run([neighbour] + breaking)
        #expect(neighbour.outcome == ["rolledBack"])
        #expect(breaking.map(\.outcome) == [["full"], ["full"]])
        #expect(!engine.log.contains("commit"))
        guard case .failed = outcome else {
            Issue.record("expected the batch to have failed, found \(outcome)")
            return
        }
    }

    @Test(
        "never acknowledges after a commit that failed, and stops after a disk failure",
        arguments: [(DatabaseError.Kind.full, false), (.io, true), (.corrupt, true)])
    func failsCommit(kind: DatabaseError.Kind, isBroken: Bool) {
        let engine = ScriptedEngine(commitError: DatabaseError(kind, "commit"))
        let operations = [RecordedOperation(), RecordedOperation()]
        let outcome = GroupCommit(engine: engine).run(operations)
        #expect(operations.map(\.outcome) == [["\(kind)"], ["\(kind)"]])
        #expect(engine.log.last == "rollback")
        if case .broken = outcome { #expect(isBroken) } else { #expect(!isBroken) }
    }

    @Test("counts a rollback that fails as a disk failure")
    func failsRollBack() {
        let engine = ScriptedEngine(
            commitError: DatabaseError(.full, "commit"), rollBackError: DatabaseError(.io, "rollback"))
        let outcome = GroupCommit(engine: engine).run([RecordedOperation()])
        guard case .broken = outcome else {
            Issue.record("expected a broken store, found \(outcome)")
            return
        }
    }
}
