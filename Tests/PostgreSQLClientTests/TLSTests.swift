import PostgreSQLTesting
import TestSupport
import Testing

@testable import PostgreSQLClient

/// TLS is libpq's and said in the address; here it is shown that what the address says holds.
@Suite("PostgreSQL over TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    /// `localhost` is all that the server's certificate names.
    private static let names = ["DNS:localhost"]

    /// A server with a certificate, and connection options with these words of libpq's.
    private static func withServer(
        isSecure: Bool = true, _ body: (PostgreSQLServer, (String) -> PostgreSQLOptions) async throws -> Void
    ) async throws {
        let authority = try await TestCertificates()
        let identity = try await authority.issue(names: names)
        let server = try await PostgreSQLServer(onLoopback: isSecure ? .tls(identity) : .plain)
        let address = "host=localhost hostaddr=127.0.0.1 port=\(server.port) dbname=postgres user=pailou"
        try await body(server) { words in
            PostgreSQLOptions(connection: "\(address) \(words)".replacing("AUTHORITY", with: authority.authority))
        }
        await server.close()
    }

    private static let full = "sslmode=verify-full sslrootcert=AUTHORITY"

    @Test("verify-full connects, and what is said travels encrypted")
    func connects() async throws {
        try await Self.withServer { _, options in
            let connection = try PostgreSQLConnection(options(Self.full))
            let question = PostgreSQLStatement("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            #expect(try connection.run(question).rows == [[.integer(1)]])
        }
    }

    @Test("another authority and another host are refused, and the message says which")
    func refused() async throws {
        let stranger = try await TestCertificates(name: "stranger")
        try await Self.withServer { _, options in
            for (words, text) in [
                ("sslmode=verify-full sslrootcert=\(stranger.authority)", "certificate verify failed"),
                ("\(Self.full) host=db.example", "does not match host name \"db.example\""),
                ("sslmode=verify-full sslrootcert=/nowhere/root.pem", "root certificate file"),
            ] {
                let error = #expect(throws: PostgreSQLError.self) { try PostgreSQLConnection(options(words)) }
                #expect(error?.kind == .notConnected)
                #expect(error?.message.contains(text) == true, "\(error as Any)")
            }
        }
    }

    @Test(
        "a server without TLS is refused where it is demanded, and never spoken to without",
        arguments: [
            "sslmode=require", full,
        ])
    func demanded(words: String) async throws {
        try await Self.withServer(isSecure: false) { _, options in
            let error = #expect(throws: PostgreSQLError.self) { try PostgreSQLConnection(options(words)) }
            #expect(error?.kind == .notConnected)
            #expect(error?.message.contains("server does not support SSL") == true, "\(error as Any)")
            let plain = try PostgreSQLConnection(options("sslmode=disable"))
            #expect(plain.isUsable)
        }
    }

    @Test("commits, LISTEN and a cancelled statement work as they do without")
    func works() async throws {
        try await Self.withServer { _, options in
            var options = options(Self.full)
            options.connectionsMax = 1
            let heard = Shared<[String]>([])
            let listener = PostgreSQLListener(options, channels: ["jobs"]) { event in
                switch event {
                case .listening: heard.change { $0.append("listening") }
                case .notification(let said): heard.change { $0.append(said.payload) }
                case .lost(let error): heard.change { $0.append("\(error)") }
                }
            }
            try await eventually { heard.value == ["listening"] }
            let pool = PostgreSQLPool(options)
            try await pool.run { connection in
                try connection.run(PostgreSQLStatement("CREATE TABLE kept (text text)"))
                try connection.run([
                    PostgreSQLStatement("BEGIN"),
                    // Longer than a record of TLS.
                    PostgreSQLStatement(
                        "INSERT INTO kept VALUES ($1)", [.text(String(repeating: "牌楼", count: 50_000))]),
                    PostgreSQLStatement("SELECT pg_notify('jobs', 'kept')::text"),
                    PostgreSQLStatement("COMMIT"),
                ])
            }
            try await eventually { heard.value == ["listening", "kept"] }
            let other = try PostgreSQLConnection(options)
            let kept = try other.run(PostgreSQLStatement("SELECT text FROM kept")).rows
            #expect(kept == [[.text(String(repeating: "牌楼", count: 50_000))]])
            try await cancels(pool, observer: other)
            await pool.close()
            await listener.close()
        }
    }

    private func cancels(_ pool: PostgreSQLPool, observer: PostgreSQLConnection) async throws {
        let caller = Task {
            try await pool.run(isCancellable: true) { connection in
                try connection.run(PostgreSQLStatement("SELECT pg_sleep(20)::text")).rows.count
            }
        }
        let question = PostgreSQLStatement("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        try await eventually("the statement to sleep") { try !observer.run(question).rows.isEmpty }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(try observer.run(question).rows.isEmpty)
    }
}
