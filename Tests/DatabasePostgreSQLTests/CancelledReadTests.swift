import Database
import DatabasePostgreSQL
import Logging
import PostgreSQLClient
import PostgreSQLTesting
import TestSupport
import Testing

@Suite("reads that nobody waits for any more", .postgreSQL)
struct CancelledReadTests {
    private static func makeStore() throws -> PostgreSQLDatabase {
        var options = PostgreSQLDatabaseOptions(connection: try PostgreSQLTrait.current.address)
        options.client.connectionsMax = 1
        return PostgreSQLDatabase(options, logger: Logger(label: "test"))
    }

    private static let asleep: SQL = "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'"

    private static func sleepers(_ store: PostgreSQLDatabase) async throws -> Int {
        try await store.read { try $0.queryOne(Self.asleep)?.get("n", as: Int.self) ?? 0 }
    }

    @Test("are ended on the server when their task is cancelled, and the next one has their connection")
    func ended() async throws {
        let (store, observer) = (try Self.makeStore(), try Self.makeStore())
        let reader = Task { try await store.read { try $0.query("SELECT pg_sleep(25)::text").count } }
        try await eventually("the read to sleep") { try await Self.sleepers(observer) == 1 }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(try await Self.sleepers(observer) == 0)
        #expect(try await Self.sleepers(store) == 0)
        await store.close()
        await observer.close()
    }

    @Test("what a cancelled task reads in order to end properly, it gets")
    func afterwards() async throws {
        let store = try Self.makeStore()
        let reader = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Self.sleepers(store)
        }
        #expect(try await reader.value == 0)
        await store.close()
    }
}
