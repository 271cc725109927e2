import TestSupport

/// A store below the scraper.
struct ScrapeStore {
    let name: String
    let environment: [String: String]
    /// Its server, where it has one.
    let server: ProcessTree?

    /// One engine after the other, with a server of its own for the one that needs it.
    static func with(_ engines: [JobStoreUnderTest.Engine], _ body: (ScrapeStore) async throws -> Void) async throws {
        for engine in engines {
            switch engine {
            case .sqlite: try await body(ScrapeStore(name: "SQLite", environment: [:], server: nil))
            case .postgresql: try await withServer(body)
            }
        }
    }

    private static func withServer(_ body: (ScrapeStore) async throws -> Void) async throws {
        let server = try await PostgreSQLServer(isDurable: true)
        do {
            let environment = ["PAILOU_STORE_ADDRESS": try await server.makeDatabase()]
            let tree = ProcessTree(pid: server.pid)
            try await body(ScrapeStore(name: "PostgreSQL", environment: environment, server: tree))
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }
}
