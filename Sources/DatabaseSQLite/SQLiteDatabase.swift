import BlockingThreads
package import Database
import Foundation
package import Logging

/// An embedded store in one file: one thread writes, a few read, every commit reaches the disk.
///
/// Belongs to one process (`StoreLock`). Writes of all callers that wait at the same moment are made durable by one
/// fsync (`GroupCommit`).
package final class SQLiteDatabase: Database {
    private let writes: Inbox<any PendingOperation>
    private let reads: Inbox<any PendingOperation>
    private let writer: BlockingThread
    private let readers: [BlockingThread]
    private let gate: AdmissionGate

    /// Opens the store, creating the file when there is none. Blocks for a few milliseconds.
    ///
    /// Throws `busy` when another process has it, `corrupt` or `io` when it cannot be read, `misuse` when the engine
    /// does not take a setting durability depends on.
    package init(path: String, options: SQLiteOptions = .init(), logger: Logger) throws {
        let lock = try StoreLock(path: path + ".lock")
        let writing = try SQLiteConnections.writer(path: path, options: options)
        let readerCount = min(max(options.readerCount, 1), 4)
        let reading = try (0..<readerCount).map { _ in try SQLiteConnections.reader(path: path, options: options) }
        let gate = AdmissionGate(path: path, options: options)
        let writes = Inbox<any PendingOperation>(capacity: options.writesWaitingMax)
        let reads = Inbox<any PendingOperation>(capacity: options.readsWaitingMax)
        let loop = SQLiteWriter(inbox: writes, queue: writing, options: options, gate: gate, logger: logger)
        writer = BlockingThread(name: "sqlite-writer") {
            loop.run()
            lock.release()
        }
        readers = reading.map { queue in
            BlockingThread(name: "sqlite-reader") { SQLiteReader(inbox: reads, queue: queue).run() }
        }
        (self.gate, self.writes, self.reads) = (gate, writes, reads)
    }

    deinit {
        reads.close()
        writes.close()
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await enqueue(in: reads, admission: .continuing, body)
    }

    @discardableResult
    package func write<T: Sendable>(
        admission: WriteAdmission, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        try await enqueue(in: writes, admission: admission, body)
    }

    package func migrate(_ migrations: [Migration]) async throws {
        try await write { try SQLiteMigrator.apply(migrations, in: $0) }
    }

    package var health: DatabaseHealth { gate.health }

    package func untilFailed() async throws {
        await gate.ended.wait()
        if let failure = gate.failure { throw failure }
    }

    /// Readers end first: the writer's connection is then the last one and checkpoints alone.
    package func close() async {
        gate.close()
        reads.close()
        for reader in readers { await reader.ended() }
        writes.close()
        await writer.ended()
    }

    private func enqueue<T: Sendable>(
        in inbox: Inbox<any PendingOperation>, admission: WriteAdmission,
        _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let pending = Pending(admission: admission, body: body, continuation: continuation)
            do throws(Inbox<any PendingOperation>.Refusal) {
                try inbox.put(pending)
            } catch {
                pending.fail(Self.refusal(error))
            }
        }
    }

    private static func refusal(_ refusal: Inbox<any PendingOperation>.Refusal) -> DatabaseError {
        switch refusal {
        case .full: DatabaseError(.overloaded, "expected room for another operation, found the queue full")
        case .closed: DatabaseError(.closed, "the store has been closed")
        }
    }
}
