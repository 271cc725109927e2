import Database
import TestSupport

/// A store as a process sees it that is stopped for a while: nothing it asks for is answered until it goes on.
final class FrozenDatabase: WrappingDatabase {
    let base: any Database
    private let gate = Shared<Gate?>(nil)
    private let unanswered = Shared(0)

    init(_ base: any Database) { self.base = base }

    func freeze() { gate.change { $0 = Gate() } }
    func goOn() { gate.change { $0.take() }?.open() }

    /// This many writes are done, and their callers told that nobody knows.
    func loseAnswers(_ count: Int) { unanswered.change { $0 = count } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        await gate.value?.wait()
        return try await base.read(body)
    }

    @discardableResult
    func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        await gate.value?.wait()
        let isLost = unanswered.change { count in
            defer { count = max(0, count - 1) }
            return count > 0
        }
        if !isLost { return try await base.write(admission: admission, body) }
        _ = try await base.write(admission: admission) { try body(Deaf(base: $0)) }
        throw DatabaseError(.outcomeUnknown, "the answer was lost by the test")
    }
}

/// A transaction whose caller never learns that it was committed.
private struct Deaf: Transaction {
    let base: any Transaction

    func execute(_ sql: SQL) throws -> Int { try base.execute(sql) }
    func query(_ sql: SQL) throws -> [Row] { try base.query(sql) }
    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws { try base.forEachRow(sql, body) }
    func afterCommit(_ action: @escaping @Sendable () -> Void) {}
    var dialect: SQLDialect { base.dialect }
    var time: Int64? { base.time }
}
