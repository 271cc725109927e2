import Database
import DatabaseSQLite
import Foundation
import Logging
import TestSupport
import Testing

@Suite("an embedded store on disk")
struct SQLiteStoreTests {
    @Test(
        "runs with the settings durability depends on",
        arguments: [
            ("synchronous", DatabaseValue.integer(2)), ("journal_mode", .text("wal")), ("mmap_size", .integer(0)),
            ("foreign_keys", .integer(1)),
        ])
    func pragmas(name: String, expected: DatabaseValue) async throws {
        let store = try TestStore()
        let statements: [String: SQL] = [
            "synchronous": "PRAGMA synchronous", "journal_mode": "PRAGMA journal_mode",
            "mmap_size": "PRAGMA mmap_size", "foreign_keys": "PRAGMA foreign_keys",
        ]
        let statement = try #require(statements[name])
        #expect(try await store.database.write { try $0.value(statement) } == expected)
        #expect(try await store.database.read { try $0.value(statement) } == expected)
        await store.database.close()
    }

    @Test("keeps what was committed when it is opened again")
    func reopens() async throws {
        let store = try TestStore()
        try await store.database.write { transaction in
            try transaction.execute("CREATE TABLE items (id INTEGER PRIMARY KEY) STRICT")
            try transaction.execute("INSERT INTO items VALUES (\(7))")
        }
        await store.database.close()
        let reopened = try store.reopened()
        #expect(try await reopened.read { try $0.value("SELECT id FROM items", as: Int.self) } == 7)
        await reopened.close()
    }

    @Test("belongs to one owner at a time, and says who that is")
    func locked() async throws {
        let store = try TestStore()
        let error = #expect(throws: DatabaseError.self) { try store.reopened() }
        #expect(error?.kind == .busy)
        #expect(error?.message.contains("in use by process \(getpid())") == true)
        await store.database.close()
        await (try store.reopened()).close()
    }

    @Test("does not hand its lock to child processes")
    func lockIsNotInherited() async throws {
        let store = try TestStore()
        let lockFile = URL(fileURLWithPath: store.directory.path("store.sqlite.lock")).resolvingSymlinksInPath().path
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        let holding = descriptors.filter { descriptor in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) == lockFile
        }
        #expect(holding.count == 1)
        for descriptor in holding { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        await store.database.close()
    }

    @Test("refuses a file that is no store")
    func notAStore() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(String(repeating: "no store at all. ", count: 512), to: "store.sqlite")
        let error = #expect(throws: DatabaseError.self) {
            try SQLiteDatabase(path: path, logger: Logger(label: "test"))
        }
        #expect(error?.kind == .corrupt)
    }

    @Test("makes many waiting writes durable with few commits")
    func sharesCommits() async throws {
        let commits = Shared(0)
        var options = SQLiteOptions()
        options.beforeCommit = { commits.change { $0 += 1 } }
        let store = try TestStore(options)
        try await store.database.write { try $0.execute("CREATE TABLE items (id INTEGER PRIMARY KEY) STRICT") }
        let before = commits.value
        let hold = WriterHold()
        let started = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hold.occupy(store.database) }
            await hold.occupied()
            for id in 0..<200 {
                group.addTask {
                    started.change { $0 += 1 }
                    _ = try await store.database.write { try $0.execute("INSERT INTO items VALUES (\(id))") }
                }
            }
            try await eventually { started.value == 200 }
            hold.release()
            try await group.waitForAll()
        }
        // One for the holder, one for nearly all that waited behind it; a few may come late.
        #expect(commits.value - before <= 10)
        await store.database.close()
    }
}
