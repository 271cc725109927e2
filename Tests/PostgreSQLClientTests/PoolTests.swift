import Dispatch
import PostgreSQLTesting
import TestSupport
import Testing

@testable import PostgreSQLClient

@Suite("a pool of connections to PostgreSQL", .postgreSQL)
struct PoolTests {
    private func pool(_ change: (inout PostgreSQLOptions) -> Void = { _ in }) throws -> PostgreSQLPool {
        var options = PostgreSQLOptions(connection: try PostgreSQLTrait.current.address)
        options.connectionsMax = 2
        change(&options)
        return PostgreSQLPool(options)
    }

    @Test("callers beyond the connections wait their turn, and all are served")
    func turns() async throws {
        let pool = try pool()
        let processes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await pool.run { connection in
                        try connection.run(PostgreSQLStatement("SELECT pg_sleep(0.001)::text"))
                        return connection.serverProcessID
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(processes.count <= 2)
        await pool.close()
    }

    @Test("a transaction left open is rolled back")
    func leftOpen() async throws {
        let pool = try pool { $0.connectionsMax = 1 }
        try await pool.run { connection in
            try connection.run(PostgreSQLStatement("CREATE TABLE left_open (n int8)"))
            try connection.run(PostgreSQLStatement("BEGIN"))
            try connection.run(PostgreSQLStatement("INSERT INTO left_open VALUES (1)"))
        }
        let count = try await pool.run { try $0.run(PostgreSQLStatement("SELECT count(*) FROM left_open")).rows }
        #expect(count == [[.integer(0)]])
        await pool.close()
    }

    // holder          patient             late          after close
    // holds the only connection
    //                 waits in the queue
    //                                     queue full
    // lets go
    //                 its time is over
    //                                                   refused
    @Test("who waits too long, finds the queue full or the pool closed, is told so")
    func refusals() async throws {
        let pool = try pool { ($0.connectionsMax, $0.waitingMax, $0.waitTimeout) = (1, 1, .milliseconds(200)) }
        let (hasEntered, mayLeave) = (Shared(false), DispatchSemaphore(value: 0))
        async let holder: Void = pool.run { _ in
            hasEntered.change { $0 = true }
            mayLeave.wait()
        }
        try await eventually { hasEntered.value }
        async let patient = Self.failure { try await pool.run { _ in } }
        try await eventually { pool.waitingCount == 1 }
        #expect(await Self.failure { try await pool.run { _ in } } == .overloaded)
        let end = ContinuousClock.now + .milliseconds(200)
        try await eventually("the end of the patient caller's time") { ContinuousClock.now > end }
        mayLeave.signal()
        try await holder
        let outcome = await patient
        #expect(outcome == .waitedTooLong)
        await pool.close()
        #expect(await Self.failure { try await pool.run { _ in } } == .closed)
    }

    private static func failure(_ body: () async throws -> Void) async -> PostgreSQLError.Kind? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? PostgreSQLError)?.kind
        }
    }

    @Test("after the server crashed and came back the pool does as well")
    func crash() async throws {
        let server = try await PostgreSQLServer()
        var options = PostgreSQLOptions(connection: server.address)
        options.connectionsMax = 1
        let pool = PostgreSQLPool(options)
        let ask: @Sendable (PostgreSQLConnection) throws -> [[PostgreSQLValue]] = {
            try $0.run(PostgreSQLStatement("SELECT 1")).rows
        }
        #expect(try await pool.run(ask) == [[.integer(1)]])
        try await server.crash()
        let first = await #expect(throws: PostgreSQLError.self) { try await pool.run(ask) }
        #expect(first?.kind == .connectionLost)
        let second = await #expect(throws: PostgreSQLError.self) { try await pool.run(ask) }
        #expect(second?.kind == .notConnected)
        try await server.restart()
        #expect(try await pool.run(ask) == [[.integer(1)]])
        await pool.close()
        await server.close()
    }
}
