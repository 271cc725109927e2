import PostgreSQLTesting
import TestSupport
import Testing

@testable import PostgreSQLClient

@Suite("a connection to PostgreSQL", .postgreSQL)
struct ConnectionTests {
    private func connect(_ change: (inout PostgreSQLOptions) -> Void = { _ in }) throws -> PostgreSQLConnection {
        var options = PostgreSQLOptions(connection: try PostgreSQLTrait.current.address)
        change(&options)
        return try PostgreSQLConnection(options)
    }

    @Test(
        "values come back as they were bound",
        arguments: [
            PostgreSQLValue.null, .integer(0), .integer(.min), .integer(.max), .real(0.1), .real(-0.0),
            .real(.infinity), .text(""), .text("牌楼 🀄️ ' \" \\ $1"), .bytes([]), .bytes([0, 255, 39, 92]),
        ])
    func values(_ value: PostgreSQLValue) throws {
        let cast =
            switch value {
            case .null, .integer: "int8"
            case .real: "float8"
            case .text: "text"
            case .bytes: "bytea"
            }
        let result = try connect().run(PostgreSQLStatement("SELECT $1::\(cast) AS found", [value]))
        #expect(result.columns == ["found"])
        #expect(result.rows == [[value]])
    }

    @Test("the server's other types come as the nearest of ours")
    func otherTypes() throws {
        let result = try connect().run(
            PostgreSQLStatement(
                """
                SELECT 1::int2, -2::int4, 3::oid, true, false, 1.5::float4, 'x'::varchar, 'n'::name, 'c'::bpchar,
                    '{"a": 1}'::jsonb, '[2]'::json, 'u'
                """))
        #expect(
            result.rows == [
                [
                    .integer(1), .integer(-2), .integer(3), .integer(1), .integer(0), .real(1.5), .text("x"),
                    .text("n"),
                    .text("c"), .text(#"{"a": 1}"#), .text("[2]"), .text("u"),
                ]
            ])
    }

    @Test("a type without a counterpart is refused with its column")
    func unknownType() throws {
        let error = #expect(throws: PostgreSQLError.self) {
            try connect().run(PostgreSQLStatement("SELECT now() AS time"))
        }
        #expect(error?.kind == .decoding)
        #expect(error?.message.contains("column time") == true)
    }

    @Test("a failure has the server's words and state, and the connection goes on")
    func failure() throws {
        let connection = try connect()
        let error = #expect(throws: PostgreSQLError.self) { try connection.run(PostgreSQLStatement("SELEKT 1")) }
        #expect(error?.kind == .statement)
        #expect(error?.sqlState == "42601")
        #expect(try connection.run(PostgreSQLStatement("SELECT 1")).rows == [[.integer(1)]])
    }

    @Test("statements of one call are one: after a failure none of them remains")
    func pipelineFails() throws {
        let connection = try connect()
        try connection.run(PostgreSQLStatement("CREATE TEMPORARY TABLE numbers (n int8 CHECK (n < 3))"))
        let insert = { PostgreSQLStatement("INSERT INTO numbers VALUES ($1)", [.integer($0)]) }
        let error = #expect(throws: PostgreSQLError.self) {
            try connection.run([insert(1), insert(2), insert(3), PostgreSQLStatement("SELECT count(*) FROM numbers")])
        }
        #expect(error?.sqlState == "23514")
        #expect(try connection.run(PostgreSQLStatement("SELECT count(*) FROM numbers")).rows == [[.integer(0)]])
        let results = try connection.run([
            insert(1), insert(2), PostgreSQLStatement("SELECT sum(n)::int8 FROM numbers"),
        ])
        #expect(results.map(\.affectedCount) == [1, 1, 1])
        #expect(results[2].rows == [[.integer(3)]])
    }

    @Test("a statement that could not be prepared is prepared again when it can be")
    func preparedAgain() throws {
        let connection = try connect()
        let select = PostgreSQLStatement("SELECT n FROM later")
        let error = #expect(throws: PostgreSQLError.self) { try connection.run(select) }
        #expect(error?.sqlState == "42P01")
        try connection.run(PostgreSQLStatement("CREATE TEMPORARY TABLE later (n int8)"))
        #expect(try connection.run(select).rows == [])
        // The answer's shape changes under the prepared statement.
        try connection.run(PostgreSQLStatement("ALTER TABLE later ALTER n TYPE text"))
        _ = try? connection.run(select)
        #expect(try connection.run(select).rows == [])
    }

    @Test("more statements than a connection keeps prepared")
    func eviction() throws {
        let connection = try connect { $0.preparedMax = 3 }
        for round in 0..<3 {
            for number in 0..<10 {
                let rows = try connection.run(PostgreSQLStatement("SELECT \(number) + $1", [.integer(Int64(round))]))
                    .rows
                #expect(rows == [[.integer(Int64(number + round))]])
            }
        }
        let kept = try connection.run(PostgreSQLStatement("SELECT count(*) FROM pg_prepared_statements")).rows
        #expect(kept == [[.integer(3)]])
    }

    @Test("rows come one by one, and the rest is dropped when the reader has enough")
    func rowByRow() throws {
        let connection = try connect()
        var seen: [PostgreSQLValue] = []
        try connection.forEachRow(PostgreSQLStatement("SELECT generate_series(1, $1::int8)", [.integer(5_000)])) {
            seen.append($1[0])
            return seen.count < 3
        }
        #expect(seen == [.integer(1), .integer(2), .integer(3)])
        #expect(try connection.run(PostgreSQLStatement("SELECT 7")).rows == [[.integer(7)]])
    }

    @Test("a statement that takes too long is cancelled, and the connection goes on")
    func tooLong() throws {
        let connection = try connect { $0.statementTimeout = .milliseconds(100) }
        let error = #expect(throws: PostgreSQLError.self) {
            try connection.run(PostgreSQLStatement("SELECT pg_sleep(30)::text"))
        }
        #expect(error?.kind == .timeout)
        #expect(try connection.run(PostgreSQLStatement("SELECT 1")).rows == [[.integer(1)]])
    }

    @Test("a transaction that is left alone is rolled back, and what it had locked is free")
    func leftAlone() async throws {
        let (silent, other) = (try connect { $0.idleTransactionTimeout = .milliseconds(100) }, try connect())
        let lock = PostgreSQLStatement("SELECT pg_advisory_xact_lock(1)::text")
        try silent.run(PostgreSQLStatement("BEGIN"))
        try silent.run(lock)
        try other.run(lock)
        let error = #expect(throws: PostgreSQLError.self) { try silent.run(PostgreSQLStatement("COMMIT")) }
        #expect(error?.kind == .connectionLost)
    }

    @Test("a connection that the server ends is known to be lost")
    func lost() throws {
        let connection = try connect()
        let other = try connect()
        let pid = Int64(connection.serverProcessID)
        try other.run(PostgreSQLStatement("SELECT pg_terminate_backend($1::int4::int4)", [.integer(pid)]))
        let error = #expect(throws: PostgreSQLError.self) { try connection.run(PostgreSQLStatement("SELECT 1")) }
        #expect(error?.kind == .connectionLost)
        #expect(!connection.isUsable)
    }

    @Test("no server, no connection, and a message that says so")
    func notConnected() throws {
        let error = #expect(throws: PostgreSQLError.self) {
            try PostgreSQLConnection(PostgreSQLOptions(connection: "postgresql:///x?host=/nonexistent"))
        }
        #expect(error?.kind == .notConnected)
        #expect(error?.message.contains("/nonexistent") == true)
    }

    @Test("a parameter is never part of the statement")
    func injection() throws {
        let hostile = "'; DROP TABLE victims; --"
        let connection = try connect()
        try connection.run(PostgreSQLStatement("CREATE TEMPORARY TABLE victims (name text)"))
        try connection.run(PostgreSQLStatement("INSERT INTO victims VALUES ($1)", [.text(hostile)]))
        #expect(try connection.run(PostgreSQLStatement("SELECT name FROM victims")).rows == [[.text(hostile)]])
    }
}
