import ArgumentParser
import Database
import DatabasePostgreSQL
import DatabaseSQLite
import Logging
import TestSupport

/// An engine below the queue, what is expected on it, and who else works on it.
struct JobStoreUnderTest: Sendable {
    let name: String
    /// Jobs per second, and how often the peer's.
    let expectedRate: String
    let expectedRatio: String
    /// Opens an empty store there; whoever opens it closes it.
    let open: @Sendable (TemporaryDirectory) async throws -> any Database
    /// Prepares the peer; it is going to do so many jobs a round.
    let peer: @Sendable (_ jobs: Int) async throws -> JobContender

    /// Engines that can be asked for by name.
    enum Engine: String, CaseIterable, ExpressibleByArgument { case sqlite, postgresql }

    /// One engine after the other, with a server of its own for the one that needs it.
    static func with(_ engines: [Engine], _ body: (JobStoreUnderTest) async throws -> Void) async throws {
        for engine in engines {
            switch engine {
            case .sqlite: try await body(sqlite)
            case .postgresql: try await withServer(body)
            }
        }
    }

    private static func withServer(_ body: (JobStoreUnderTest) async throws -> Void) async throws {
        let server = try await PostgreSQLServer(isDurable: true)
        do {
            try await body(postgreSQL(server))
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }

    private static let sqlite = JobStoreUnderTest(
        name: "SQLite", expectedRate: "≥ 5,000", expectedRatio: "≥ 10",
        open: { try SQLiteDatabase(path: $0.path("jobs.sqlite"), logger: Logger(label: "benchmarks")) },
        peer: { try await Huey.contender(jobs: $0) })

    private static func postgreSQL(_ server: PostgreSQLServer) -> JobStoreUnderTest {
        JobStoreUnderTest(
            name: "PostgreSQL", expectedRate: "≥ 3,000", expectedRatio: "≥ 3",
            open: { _ in
                PostgreSQLDatabase(
                    PostgreSQLDatabaseOptions(connection: try await server.makeDatabase()),
                    logger: Logger(label: "benchmarks"))
            },
            peer: { try await Procrastinate.contender(jobs: $0, server: server) })
    }

    /// Runs the body with a store of its own.
    func withStore<Result>(_ body: (any Database) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let database = try await open(directory)
        do {
            let result = try await body(database)
            await database.close()
            directory.close()
            return result
        } catch {
            await database.close()
            directory.close()
            throw error
        }
    }
}
