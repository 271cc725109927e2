import Database

/// A store with something in front of its reads and writes; the rest is the store's.
protocol WrappingDatabase: Database {
    var base: any Database { get }
}

extension WrappingDatabase {
    func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }
    var dialect: SQLDialect { base.dialect }
    func listen(
        on channel: String, _ hear: @escaping @Sendable (Announcement) -> Void
    ) -> (any AnnouncementListener)? { base.listen(on: channel, hear) }
    var health: DatabaseHealth { base.health }
    func untilFailed() async throws { try await base.untilFailed() }
    func close() async { await base.close() }
}
