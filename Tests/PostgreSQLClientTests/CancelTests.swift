import PostgreSQLTesting
import TestSupport
import Testing

@testable import PostgreSQLClient

@Suite("statements that nobody waits for any more", .postgreSQL)
struct CancelTests {
    private static let sleep = PostgreSQLStatement("SELECT pg_sleep(60)::text")

    private func options(_ name: String) throws -> PostgreSQLOptions {
        var options = PostgreSQLOptions(connection: try PostgreSQLTrait.current.address)
        options.applicationName = name
        options.connectionsMax = 1
        options.statementTimeout = .seconds(50)
        return options
    }

    /// Returns when a connection of this name has a statement under way that sleeps.
    private func untilAsleep(_ name: String) async throws {
        let observer = try PostgreSQLConnection(try options("observer"))
        let question = PostgreSQLStatement(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'", [.text(name)])
        try await eventually("the statement to sleep") { try !observer.run(question).rows.isEmpty }
    }

    // caller     statement ├ pg_sleep(60) ┤ cancelled   statement
    // another                  cancel()
    @Test("a statement is cancelled from another thread, and the connection goes on in its transaction's failure")
    func fromAnotherThread() async throws {
        let pool = PostgreSQLPool(try options("cancelled"))
        let canceller = Shared<PostgreSQLCanceller?>(nil)
        async let outcome = pool.run { connection in
            canceller.change { [canceller = connection.canceller] in $0 = canceller }
            try connection.run(PostgreSQLStatement("BEGIN"))
            let error = #expect(throws: PostgreSQLError.self) {
                try connection.run([PostgreSQLStatement("SELECT 1"), Self.sleep, PostgreSQLStatement("SELECT 2")])
            }
            let state = connection.transaction
            try connection.run(PostgreSQLStatement("ROLLBACK"))
            return (error, state, connection.transaction, try connection.run(PostgreSQLStatement("SELECT 7")).rows)
        }
        try await untilAsleep("cancelled")
        canceller.value?.cancel()
        let (error, state, end, rows) = try await outcome
        #expect(error?.kind == .cancelled && error?.sqlState == "57014", "\(error as Any)")
        #expect(state == .failed && end == .none)
        #expect(rows == [[.integer(7)]])
        await pool.close()
    }

    @Test("a caller whose task is cancelled leaves the server at once, and its connection serves the next")
    func byTask() async throws {
        let pool = PostgreSQLPool(try options("left"))
        let pid: @Sendable (PostgreSQLConnection) throws -> Int32 = {
            try $0.run(PostgreSQLStatement("SELECT 1"))
            return $0.serverProcessID
        }
        let before = try await pool.run(pid)
        let caller = Task { try await pool.run(isCancellable: true) { try $0.run(Self.sleep).rows.count } }
        try await untilAsleep("left")
        let waiting = Task { try await pool.run(isCancellable: true, pid) }
        try await eventually("the next caller") { pool.waitingCount == 1 }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(try await waiting.value == before)
        await pool.close()
    }

    @Test("row after row, too")
    func rowByRow() async throws {
        let pool = PostgreSQLPool(try options("rows"))
        let caller = Task {
            try await pool.run(isCancellable: true) { connection in
                try connection.forEachRow(
                    PostgreSQLStatement("SELECT n, pg_sleep(n * 60)::text FROM generate_series(0, 1) AS n")
                ) { _, _ in true }
            }
        }
        try await untilAsleep("rows")
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(try await pool.run { try $0.run(PostgreSQLStatement("SELECT 7")).rows } == [[.integer(7)]])
        await pool.close()
    }

    @Test("who goes away before its turn is not served")
    func beforeItsTurn() async throws {
        let pool = PostgreSQLPool(try options("busy"))
        let holder = Task { try await pool.run(isCancellable: true) { try $0.run(Self.sleep).rows.count } }
        try await untilAsleep("busy")
        let isServed = Shared(false)
        let patient = Task { try await pool.run(isCancellable: true) { _ in isServed.change { $0 = true } } }
        try await eventually("the patient caller") { pool.waitingCount == 1 }
        patient.cancel()
        holder.cancel()
        await #expect(throws: CancellationError.self) { try await patient.value }
        #expect(!isServed.value)
        _ = try? await holder.value
        await pool.close()
    }

    @Test("a cancel that comes too late changes nothing, for nobody", arguments: 0..<20)
    func tooLate(_ round: Int) async throws {
        let pool = PostgreSQLPool(try options("late \(round)"))
        for number in 0..<20 as Range<Int64> {
            let caller = Task {
                try await pool.run(isCancellable: true) {
                    try $0.run(PostgreSQLStatement("SELECT $1", [.integer(number)]))
                }
            }
            caller.cancel()
            // The true outcome, or that there is none.
            if case .success(let result) = await caller.result { #expect(result.rows == [[.integer(number)]]) }
            let next = try await pool.run { try $0.run(PostgreSQLStatement("SELECT $1", [.integer(-number)])).rows }
            #expect(next == [[.integer(-number)]])
        }
        await pool.close()
    }

    @Test("without being asked to, a cancelled task gets its answer")
    func untouched() async throws {
        let pool = PostgreSQLPool(try options("patient"))
        let caller = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pool.run { try $0.run(PostgreSQLStatement("SELECT 7")).rows }
        }
        #expect(try await caller.value == [[.integer(7)]])
        await pool.close()
    }
}
