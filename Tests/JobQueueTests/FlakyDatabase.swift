import Database
import TestSupport

/// A store that refuses a number of writes or reads with an error of the test's choice, then works.
final class FlakyDatabase: WrappingDatabase {
    let base: any Database
    private let refusals = Shared<[DatabaseError]>([])
    private let readRefusals = Shared<[DatabaseError]>([])

    init(_ base: any Database) { self.base = base }

    /// The next writes are refused with these errors.
    func refuse(_ kinds: [DatabaseError.Kind]) {
        let errors = kinds.map { DatabaseError($0, "refused by the test") }
        refusals.change { $0 += errors }
    }

    /// The next reads are.
    func refuseReads(_ kinds: [DatabaseError.Kind]) {
        let errors = kinds.map { DatabaseError($0, "refused by the test") }
        readRefusals.change { $0 += errors }
    }

    var refusalsLeft: Int { refusals.value.count + readRefusals.value.count }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        if let error = readRefusals.change({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
        return try await base.read(body)
    }

    @discardableResult
    func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        if let error = refusals.change({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
        return try await base.write(admission: admission, body)
    }
}
