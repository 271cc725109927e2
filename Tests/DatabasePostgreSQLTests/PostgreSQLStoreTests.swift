import Database
import DatabasePostgreSQL
import DatabaseTesting
import Logging
import PostgreSQLTesting
import TestSupport
import Testing

@Suite("a store on a server", .postgreSQL)
struct PostgreSQLStoreTests {
    private func makeStore(_ change: (inout PostgreSQLDatabaseOptions) -> Void = { _ in }) async throws
        -> PostgreSQLDatabase
    {
        var options = PostgreSQLDatabaseOptions(connection: try await PostgreSQLTrait.current.makeDatabase())
        change(&options)
        return PostgreSQLDatabase(options, logger: Logger(label: "test"))
    }

    @Test("keeps the promises of the seam", arguments: ConformanceCase.all)
    func keeps(_ promise: ConformanceCase) async throws {
        let store = try await makeStore()
        try await promise.body(store)
        await store.close()
    }

    @Test("services that share a database see tables of their own schema only")
    func schemas() async throws {
        let address = try await PostgreSQLTrait.current.makeDatabase()
        let migration = Migration(
            service: "numbers", number: 1, name: "numbers",
            statements: ["CREATE TABLE numbers (n INTEGER NOT NULL) STRICT"])
        let schemas: [StaticString?] = [nil, "pailou_one", "pailou_two", "pailou_two"]
        let stores = schemas.map { schema in
            PostgreSQLDatabase(
                PostgreSQLDatabaseOptions(connection: address, schema: schema), logger: Logger(label: "test"))
        }
        for (number, store) in stores.enumerated() {
            try await store.migrate([migration])
            try await store.write { try $0.execute("INSERT INTO numbers VALUES (\(number))") }
        }
        var found: [[Int]] = []
        for store in stores {
            found.append(
                try await store.read {
                    try $0.query("SELECT n FROM numbers ORDER BY n").map { try $0.get("n", as: Int.self) }
                })
            await store.close()
        }
        #expect(found == [[0], [1], [2, 3], [2, 3]])
    }

    // one process            another
    // locks a                locks b
    // wants b                wants a        deadlock: the server ends one of them, which runs again
    @Test("writers that deadlock are run again until both are done")
    func deadlock() async throws {
        let address = try await PostgreSQLTrait.current.makeDatabase()
        let stores = (0..<2).map { _ in
            PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: address), logger: Logger(label: "test"))
        }
        try await stores[0].write { transaction in
            try transaction.execute("CREATE TABLE pairs (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)")
            try transaction.execute("INSERT INTO pairs VALUES (1, 0), (2, 0)")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (store, order) in zip(stores, [[1, 2], [2, 1]]) {
                group.addTask {
                    for _ in 0..<5 {
                        try await store.write { transaction in
                            try transaction.execute("UPDATE pairs SET value = value + 1 WHERE id = \(order[0])")
                            _ = try transaction.query("SELECT pg_sleep(0.01)::text")
                            try transaction.execute("UPDATE pairs SET value = value + 1 WHERE id = \(order[1])")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let values = try await stores[0].read {
            try $0.query("SELECT value FROM pairs").map { try $0.get("value", as: Int.self) }
        }
        #expect(values == [10, 10])
        for store in stores { await store.close() }
    }

    @Test("an operation that swallows a failed statement fails as a whole, and its neighbours do not")
    func swallowed() async throws {
        let store = try await makeStore()
        try await store.write { try $0.execute("CREATE TABLE numbers (n BIGINT PRIMARY KEY)") }
        async let swallowing = Self.kind {
            try await store.write { transaction in
                try transaction.execute("INSERT INTO numbers VALUES (1)")
                _ = try? transaction.execute("INSERT INTO numbers VALUES (1)")
            }
        }
        async let neighbour = Self.kind { try await store.write { try $0.execute("INSERT INTO numbers VALUES (2)") } }
        let (first, second) = await (swallowing, neighbour)
        #expect(first == .rolledBack)
        #expect(second == nil)
        let count: Int? = try await store.read { try $0.value("SELECT count(*) FROM numbers") }
        #expect(count == 1)
        await store.close()
    }

    static func kind<T>(_ body: () async throws -> T) async -> DatabaseError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? DatabaseError)?.kind
        }
    }
}

@Suite("a store whose server fails")
struct PostgreSQLFaultTests {
    @Test("says so while the server is away, and goes on when it is back")
    func away() async throws {
        let server = try await PostgreSQLServer()
        let store = PostgreSQLDatabase(
            PostgreSQLDatabaseOptions(connection: server.address), logger: Logger(label: "test"))
        try await store.write { try $0.execute("CREATE TABLE numbers (n BIGINT PRIMARY KEY)") }
        try await server.crash()
        let refused = await PostgreSQLStoreTests.kind {
            try await store.write { try $0.execute("INSERT INTO numbers VALUES (1)") }
        }
        #expect(refused == .unreachable)
        guard case .unreachable = store.health else {
            Issue.record("expected the store to be unreachable, found \(store.health)")
            return
        }
        try await server.restart()
        try await store.write { try $0.execute("INSERT INTO numbers VALUES (2)") }
        #expect(store.health == .ready)
        let numbers = try await store.read {
            try $0.query("SELECT n FROM numbers").map { try $0.get("n", as: Int.self) }
        }
        #expect(numbers == [2])
        await store.close()
        await server.close()
    }

    @Test("after crashes under load every acknowledged write is there, and no refused one")
    func crashes() async throws {
        let server = try await PostgreSQLServer()
        let store = PostgreSQLDatabase(
            PostgreSQLDatabaseOptions(connection: server.address), logger: Logger(label: "test"))
        try await store.write { try $0.execute("CREATE TABLE numbers (n BIGINT PRIMARY KEY)") }
        let outcomes = Shared<[Int: DatabaseError.Kind?]>([:])
        let isOver = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    var n = writer
                    while !isOver.value {
                        let number = n
                        let kind = await PostgreSQLStoreTests.kind {
                            try await store.write { try $0.execute("INSERT INTO numbers VALUES (\(number))") }
                        }
                        outcomes.change { $0[number] = .some(kind) }
                        n += 8
                        // While the server is away every answer is a refusal: a few of them are enough.
                        if kind != nil { try await ContinuousClock().sleep(for: .milliseconds(20)) }
                    }
                }
            }
            defer { isOver.change { $0 = true } }
            for round in 1...3 {
                try await eventually(within: .seconds(60)) { outcomes.value.values.count { $0 == nil } > round * 200 }
                try await server.crash()
                try await server.restart()
            }
            isOver.change { $0 = true }
            try await group.waitForAll()
        }
        let stored = try await store.read { transaction in
            Set(try transaction.query("SELECT n FROM numbers").map { try $0.get("n", as: Int.self) })
        }
        for (number, kind) in outcomes.value where kind != .outcomeUnknown {
            #expect(stored.contains(number) == (kind == nil), "write \(number) was told \(String(describing: kind))")
        }
        await store.close()
        await server.close()
    }
}
