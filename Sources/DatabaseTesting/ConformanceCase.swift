package import Database
import Testing

/// One promise of the `Database` seam, to be tried on an empty store of each engine.
///
/// A suite over an engine is one parametrised test:
///
///     @Test(arguments: ConformanceCase.all) func keeps(_ promise: ConformanceCase) async throws {
///         try await promise.body(makeEmptyStore())
///     }
///
/// Column types are spelled so that every engine reads them: BIGINT, DOUBLE PRECISION, TEXT, BYTEA.
package struct ConformanceCase: Sendable, CustomTestStringConvertible {
    /// The promise, as a sentence.
    package let testDescription: String
    package let body: @Sendable (any Database) async throws -> Void

    init(_ sentence: String, _ body: @escaping @Sendable (any Database) async throws -> Void) {
        testDescription = sentence
        self.body = body
    }

    package static let all = values + statements + transactions + concurrency + migrations + closing
}

/// The table most cases use.
func makeItems(in database: any Database) async throws {
    try await database.write { transaction in
        try transaction.execute("CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)")
    }
}

func insertItem(_ id: Int, _ name: String, in transaction: any Transaction) throws {
    try transaction.execute("INSERT INTO items (id, name) VALUES (\(id), \(name))")
}

func itemNames(in database: any Database) async throws -> [String] {
    try await database.read { transaction in
        try transaction.query("SELECT name FROM items ORDER BY id").map { try $0.get("name") }
    }
}

/// An error of the caller's own, which no engine knows.
struct CallersError: Error, Equatable {
    let number: Int
}

func isDatabaseError(_ error: any Error, _ kind: DatabaseError.Kind) -> Bool {
    (error as? DatabaseError)?.kind == kind
}
