/// A store: short reads and short writes, each in a transaction of its own.
///
/// The only thing services and JobQueue know of a database. No transaction is held while work runs elsewhere: the
/// closures are synchronous and cannot wait for anything but the engine.
package protocol Database: Sendable {
    /// Runs `body` on a consistent snapshot, beside other reads and the writer.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T

    /// Runs `body` and makes all it did durable before answering; when it throws, nothing it did remains.
    ///
    /// `body` can be run a second time when a neighbour in the same commit broke it, so its only effects are those
    /// through the transaction (`afterCommit` for the rest). A cancelled task still gets the true outcome.
    @discardableResult
    func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T

    /// Brings the schema up to date; refuses a store that a newer program has written, and leaves it untouched.
    func migrate(_ migrations: [Migration]) async throws

    /// Whose SQL its transactions speak.
    var dialect: SQLDialect { get }

    /// Hears what processes on this store say on a channel; nil where there is only one.
    ///
    /// - Parameter hear: Called on a thread of the engine's; should only ring a bell.
    func listen(
        on channel: String, _ hear: @escaping @Sendable (Announcement) -> Void
    ) -> (any AnnouncementListener)?

    /// Whether writes are accepted at this moment, and why not.
    var health: DatabaseHealth { get }

    /// Suspends until the store has failed, and throws that failure; returns when it is closed or the task cancelled.
    ///
    /// A process waits here so that it ends instead of going on with a store that acknowledges nothing.
    func untilFailed() async throws

    /// Ends waiting operations properly, then lets go of the store. Later calls fail with `closed`.
    func close() async
}

extension Database {
    package var dialect: SQLDialect { .sqlite }

    package func listen(
        on channel: String, _ hear: @escaping @Sendable (Announcement) -> Void
    ) -> (any AnnouncementListener)? { nil }

    /// A write that continues work already accepted.
    @discardableResult
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        try await write(admission: .continuing, body)
    }
}

/// Which writes are refused when space runs short.
package enum WriteAdmission: Sendable {
    /// Takes on something that did not exist before; refused while the disk is nearly full.
    case newWork
    /// Finishes, cancels or records what was accepted earlier; goes on to the last page.
    case continuing
}

/// The store as readiness sees it.
package enum DatabaseHealth: Hashable, Sendable {
    case ready
    /// New work is refused, the rest goes on.
    case nearlyFull(reason: String)
    /// The server does not answer; operations fail until it does.
    case unreachable(reason: String)
    /// Nothing is acknowledged any more: the process should end and be started anew.
    case failed(reason: String)
    case closed
}
