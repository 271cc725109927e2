import BlockingThreads
package import Database
package import Logging
package import PostgreSQLClient

/// A store on a PostgreSQL server, shared by the processes of many machines.
///
/// Writes of this process that wait at the same moment are made durable by one commit on one connection; reads have
/// connections of their own. Isolation is READ COMMITTED between processes: who reads a row in order to change it locks
/// it (`FOR UPDATE`).
package final class PostgreSQLDatabase: Database {
    private let options: PostgreSQLDatabaseOptions
    private let writes: Inbox<any PendingOperation>
    private let writer: BlockingThread
    private let readers: PostgreSQLPool
    private let reach = ServerReach()
    private let logger: Logger

    /// Makes no connection yet: the server may come later.
    package init(_ options: PostgreSQLDatabaseOptions, logger: Logger) {
        self.options = options
        self.logger = logger
        let writes = Inbox<any PendingOperation>(capacity: options.writesWaitingMax)
        self.writes = writes
        let session = WriterSession(options.client, reach: reach, logger: logger)
        writer = BlockingThread(name: "postgresql-writer") {
            while let batch = writes.take(max: options.batchOperationsMax) {
                _ = GroupCommit(engine: session).run(batch)
            }
            session.close()
        }
        readers = PostgreSQLPool(options.client)
    }

    deinit { writes.close() }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        do {
            // What a cancelled task reads in order to end properly, it gets.
            return try await readers.run(isCancellable: !Task.isCancelled) { connection in
                try ReaderSession(connection).read(body)
            }
        } catch let error as PostgreSQLError {
            throw DatabaseError(error)
        }
    }

    /// A write that stood in another one's way is run again, up to `attemptsMax` times.
    @discardableResult
    package func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await enqueue(admission, body)
            } catch let error as DatabaseError where error.kind == .conflict && attempt < options.attemptsMax {
                attempt += 1
                // Who met once would meet again: they wait for different times.
                try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << attempt))))
            }
        }
    }

    /// Programs that start at the same moment wait for each other here. On a connection of its own, whose statements may
    /// take longer: a large table takes its time.
    package func migrate(_ migrations: [Migration]) async throws {
        var patient = options
        patient.client.statementTimeout = options.migrationTimeout
        let database = PostgreSQLDatabase(patient, logger: logger)
        do {
            try await database.apply(migrations)
            await database.close()
        } catch {
            await database.close()
            throw error
        }
    }

    private func apply(_ migrations: [Migration]) async throws {
        let schema = options.client.schema
        try await write { transaction in
            _ = try transaction.query("SELECT pg_advisory_xact_lock(7261170)::text")
            if let schema { try Self.makeSchema(schema, in: transaction) }
            try SchemaVersions.apply(migrations, table: Self.versionTable, in: transaction)
        }
    }

    /// Only where there is none: an administrator who made it need not let us make others.
    private static func makeSchema(_ name: StaticString, in transaction: any Transaction) throws {
        let found = try transaction.queryOne("SELECT 1 WHERE to_regnamespace(\("\(name)")) IS NOT NULL")
        if found == nil { try transaction.execute("CREATE SCHEMA \(raw: name)") }
    }

    package var dialect: SQLDialect { .postgreSQL }

    package func listen(
        on channel: String, _ hear: @escaping @Sendable (Announcement) -> Void
    ) -> (any AnnouncementListener)? {
        PostgreSQLListener(options.client, channels: [options.client.schema.map { "\(channel)_\($0)" } ?? channel]) {
            event in
            switch event {
            case .listening: hear(.listening)
            case .notification(let said): hear(.heard(said.payload))
            case .lost: break
            }
        }
    }

    package var health: DatabaseHealth { reach.health }

    /// A server that cannot be reached is waited for, so only closing ends this.
    package func untilFailed() async throws { await reach.closed.wait() }

    package func close() async {
        writes.close()
        await writer.ended()
        await readers.close()
        reach.close()
    }

    private func enqueue<T: Sendable>(
        _ admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let pending = Pending(admission: admission, body: body, continuation: continuation)
            do throws(Inbox<any PendingOperation>.Refusal) {
                try writes.put(pending)
            } catch {
                pending.fail(DatabaseError(error))
            }
        }
    }

    private static let versionTable: SQL = """
        CREATE TABLE IF NOT EXISTS schema_versions (
            service TEXT NOT NULL,
            number BIGINT NOT NULL,
            name TEXT NOT NULL,
            applied_at BIGINT NOT NULL,
            PRIMARY KEY (service, number)
        )
        """
}

/// Limits and settings of a store on a server.
package struct PostgreSQLDatabaseOptions: Sendable {
    /// Address, time limits, and the connections for reads.
    package var client: PostgreSQLOptions

    /// Writes made durable by one commit, at most: their row locks are held until then.
    package var batchOperationsMax = 64

    /// Writes that may wait before further ones are refused as `overloaded`.
    package var writesWaitingMax = 16_384

    /// What one statement of a migration may take, and the wait for others that migrate.
    package var migrationTimeout = Duration.seconds(4 * 3600)

    /// How often a write is run that meets a deadlock or another conflict.
    package var attemptsMax = 8

    /// The defaults.
    ///
    /// - Parameter schema: Where its tables are, made by the first migration; nil: where the server puts them.
    package init(connection: String, schema: StaticString? = nil) {
        client = PostgreSQLOptions(connection: connection)
        client.schema = schema
        client.connectionsMax = 4
    }
}

extension PostgreSQLListener: AnnouncementListener {}
