import TestSupport

/// A store below the scraper.
struct ScrapeStore {
    let name: String
    let environment: [String: String]

    /// Both, with a server of its own for the one that needs it.
    static func withAll(_ body: (ScrapeStore) async throws -> Void) async throws {
        try await body(ScrapeStore(name: "SQLite", environment: [:]))
        let server = try await PostgreSQLServer(isDurable: true)
        do {
            let address = try await server.makeDatabase()
            try await body(ScrapeStore(name: "PostgreSQL", environment: ["PAILOU_STORE_ADDRESS": address]))
        } catch {
            await server.close()
            throw error
        }
        await server.close()
    }
}
