import Database
import Foundation
import Synchronization
import TestSupport

/// A store whose operations are steps: the caller's thread stands still meanwhile, so that nothing happens beside them.
///
/// It can refuse operations, and die: then nothing of its process reaches the store any more. An answer that is lost ends
/// a process with a store of its own.
final class SteppedDatabase: WrappingDatabase {
    private struct State {
        var random: SeededGenerator
        var trouble = 0
        var isDead = false
    }

    let base: any Database
    private let state: Mutex<State>

    init(_ base: any Database, seed: UInt64) {
        self.base = base
        state = Mutex(State(random: SeededGenerator(seed: seed)))
    }

    /// So many operations of a hundred fail.
    func trouble(percent: Int) { state.withLock { $0.trouble = percent } }

    func die() { state.withLock { $0.isDead = true } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try refuse()
        return try standStill { [base] in try await base.read(body) }
    }

    @discardableResult
    func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        try refuse()
        return try standStill { [base] in try await base.write(admission: admission, body) }
    }

    func migrate(_ migrations: [Migration]) async throws {
        try standStill { [base] in try await base.migrate(migrations) }
    }

    private func refuse() throws {
        if state.withLock({ $0.isDead }) { throw DatabaseError(.closed, "the process is dead") }
        if isDrawn() { throw DatabaseError(.full, "no room") }
    }

    private func isDrawn() -> Bool {
        state.withLock { state in state.trouble > 0 && state.random.chance(percent: state.trouble) }
    }

    private func standStill<T: Sendable>(_ operation: @escaping @Sendable () async throws -> T) throws -> T {
        let answer = Shared<Result<T, any Error>?>(nil)
        let isThere = DispatchSemaphore(value: 0)
        Task.detached {
            let result: Result<T, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            answer.change { $0 = result }
            isThere.signal()
        }
        isThere.wait()
        guard let result = answer.value else { throw DatabaseError(.misuse, "expected an answer, found none") }
        return try result.get()
    }
}
