import Database
import DatabaseSQLite
import Foundation
import Logging
import TestSupport
import Testing

/// Holds the writing thread inside an operation, so that others gather behind it and share the next commit.
final class WriterHold: Sendable {
    private let entered = Gate()
    private let released = DispatchSemaphore(value: 0)

    /// The operation that holds it; ends after `release`.
    func occupy(_ database: SQLiteDatabase) async throws {
        try await database.write { [self] _ in
            entered.open()
            released.wait()
        }
    }

    func occupied() async { await entered.wait() }
    func release() { released.signal() }
}

private func makeItems(in database: SQLiteDatabase) async throws {
    try await database.write { try $0.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, data BLOB) STRICT") }
}

private func insert(_ id: Int, bytes: Int = 1, in transaction: any Transaction) throws {
    try transaction.execute("INSERT INTO items VALUES (\(id), \([UInt8](repeating: 1, count: bytes)))")
}

private func ids(in database: SQLiteDatabase) async throws -> [Int] {
    try await database.read { try $0.query("SELECT id FROM items ORDER BY id").map { try $0.get("id") } }
}

/// Writes at the same time and tells which of them became durable, by number.
private func writeTogether(
    _ count: Int, in database: SQLiteDatabase, _ body: @escaping @Sendable (Int, any Transaction) throws -> Void
) async throws -> [Int: DatabaseError.Kind?] {
    let outcomes = Shared<[Int: DatabaseError.Kind?]>([:])
    let hold = WriterHold()
    let started = Shared(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await hold.occupy(database) }
        await hold.occupied()
        for number in 0..<count {
            group.addTask {
                started.change { $0 += 1 }
                do {
                    try await database.write { try body(number, $0) }
                    outcomes.change { $0[number] = .some(nil) }
                } catch let error as DatabaseError {
                    outcomes.change { $0[number] = error.kind }
                }
            }
        }
        try await eventually { started.value == count }
        hold.release()
        try await group.waitForAll()
    }
    return outcomes.value
}

@Suite("an embedded store in trouble")
struct SQLiteFaultTests {
    @Test("fails what does not fit and keeps its neighbours when the store is full")
    func full() async throws {
        var options = SQLiteOptions()
        options.pageCountMax = 64
        let store = try TestStore(options)
        try await makeItems(in: store.database)
        let outcomes = try await writeTogether(8, in: store.database) { number, transaction in
            try insert(number, bytes: number == 3 ? 1 << 20 : 10, in: transaction)
        }
        #expect(outcomes[3] == .full)
        #expect(outcomes.values.filter { $0 == .some(nil) }.count == 7)
        #expect(try await ids(in: store.database) == [0, 1, 2, 4, 5, 6, 7])
        #expect(store.database.health == .ready)
        await store.database.close()
        let reopened = try store.reopened()
        #expect(try await ids(in: reopened) == [0, 1, 2, 4, 5, 6, 7])
        await reopened.close()
    }

    @Test("survives an operation that ends the transaction under its neighbours")
    func vanishingTransaction() async throws {
        let store = try TestStore()
        try await makeItems(in: store.database)
        let outcomes = try await writeTogether(8, in: store.database) { number, transaction in
            try insert(number, in: transaction)
            if number == 4 {
                try transaction.execute("ROLLBACK")
                // Would commit alone, were it not refused.
                try insert(100, in: transaction)
            }
        }
        #expect(outcomes[4] == .rolledBack)
        #expect(try await ids(in: store.database) == [0, 1, 2, 3, 5, 6, 7])
        await store.database.close()
    }

    @Test("stops acknowledging after an I/O error on commit; reads go on")
    func ioErrorOnCommit() async throws {
        let isFailing = Shared(false)
        var options = SQLiteOptions()
        options.beforeCommit = {
            if isFailing.value { throw DatabaseError(.io, "disk I/O error", engineCode: 1034) }
        }
        let store = try TestStore(options)
        try await makeItems(in: store.database)
        try await store.database.write { try insert(1, in: $0) }
        isFailing.change { $0 = true }
        for id in 2...3 {
            let error = await #expect(throws: DatabaseError.self) {
                try await store.database.write { try insert(id, in: $0) }
            }
            #expect(error?.kind == .io)
            isFailing.change { $0 = false }
        }
        guard case .failed = store.database.health else {
            Issue.record("expected a failed store, found \(store.database.health)")
            return
        }
        #expect(try await ids(in: store.database) == [1])
        await store.database.close()
    }

    @Test("refuses new work while the disk is nearly full and goes on with the rest")
    func nearlyFull() async throws {
        var options = SQLiteOptions()
        options.freeBytesMin = .max
        let store = try TestStore(options)
        try await makeItems(in: store.database)
        let error = await #expect(throws: DatabaseError.self) {
            try await store.database.write(admission: .newWork) { try insert(1, in: $0) }
        }
        #expect(error?.kind == .nearlyFull)
        try await store.database.write { try insert(2, in: $0) }
        #expect(try await ids(in: store.database) == [2])
        guard case .nearlyFull = store.database.health else {
            Issue.record("expected a nearly full store, found \(store.database.health)")
            return
        }
        await store.database.close()
    }

    @Test("keeps room on the disk for its log while there is some")
    func logReserve() async throws {
        let options = SQLiteOptions()
        let store = try TestStore(options)
        try await makeItems(in: store.database)
        try await store.database.write(admission: .newWork) { try insert(1, in: $0) }
        var log = stat()
        try #require(stat(store.directory.path("store.sqlite-wal"), &log) == 0)
        let pages = options.checkpointPages + options.reservePages
        #expect(log.st_blocks * 512 >= pages * 4_096)
        #expect(log.st_size < 1 << 20)
        await store.database.close()
    }

    @Test("refuses writes beyond the number that may wait")
    func overloaded() async throws {
        var options = SQLiteOptions()
        options.writesWaitingMax = 4
        let store = try TestStore(options)
        let refused = Shared(0)
        let hold = WriterHold()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hold.occupy(store.database) }
            await hold.occupied()
            for _ in 0..<10 {
                group.addTask {
                    do {
                        try await store.database.write { _ in }
                    } catch let error as DatabaseError where error.kind == .overloaded {
                        refused.change { $0 += 1 }
                    }
                }
            }
            // The refused ones come back while the writer is held, the others once it is not.
            try await eventually { refused.value == 6 }
            hold.release()
            try await group.waitForAll()
        }
        #expect(refused.value == 6)
        await store.database.close()
    }
}
