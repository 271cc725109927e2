import Database
import DatabaseSQLite
import DatabaseTesting
import Logging
import TestSupport
import Testing

/// A store in a directory of its own.
struct TestStore {
    let directory: TemporaryDirectory
    let database: SQLiteDatabase

    init(_ options: SQLiteOptions = .init()) throws {
        directory = try TemporaryDirectory()
        database = try SQLiteDatabase(
            path: directory.path("store.sqlite"), options: options, logger: Logger(label: "test"))
    }

    func reopened() throws -> SQLiteDatabase {
        try SQLiteDatabase(path: directory.path("store.sqlite"), logger: Logger(label: "test"))
    }
}

@Suite("an embedded store")
struct SQLiteConformanceTests {
    @Test("keeps the promises of the seam", arguments: ConformanceCase.all)
    func keeps(_ promise: ConformanceCase) async throws {
        let store = try TestStore()
        try await promise.body(store.database)
        await store.database.close()
    }
}
