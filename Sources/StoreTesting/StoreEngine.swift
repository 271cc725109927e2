package import Database
import DatabasePostgreSQL
import DatabaseSQLite
package import Logging
import PostgreSQLTesting
package import TestSupport

/// Where a test keeps its store: suites over both engines are parametrised by it, inside one with the trait
/// `.postgreSQL`.
package enum StoreEngine: CaseIterable, Sendable {
    case sqlite
    case postgreSQL

    /// An empty store.
    package func open(in directory: TemporaryDirectory, logger: Logger) async throws -> any Database {
        switch self {
        case .sqlite: return try SQLiteDatabase(path: directory.path("store.sqlite"), logger: logger)
        case .postgreSQL:
            let address = try await PostgreSQLTrait.current.makeDatabase()
            return PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: address), logger: logger)
        }
    }
}
