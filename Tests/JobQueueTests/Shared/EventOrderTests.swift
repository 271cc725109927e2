import Database
import Dispatch
import PostgreSQLTesting
import Synchronization
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("the order of events")
    struct EventOrderTests {
        @Test("says which transactions a moment has seen the end of")
        func snapshot() throws {
            let own = EventPosition(transaction: 14, number: 100)
            let snapshot = try #require(TransactionSnapshot("10:20:12,15", own: own))
            let hasSeen = { snapshot.hasSeen(EventPosition(transaction: $0, number: $1)) }
            #expect([9, 10, 11, 13, 19].allSatisfy { hasSeen($0, 200) })
            #expect([12, 15, 20, 21].allSatisfy { !hasSeen($0, 1) })
            #expect(hasSeen(14, 100) && !hasSeen(14, 101))
            #expect(TransactionSnapshot("10:20", own: own) == nil)
        }

        // process 1   begins, looks, writes event 1 ─────────────────── looks, writes event 2, commits
        // process 2                                  begins, commits
        @Test("has not seen what its own transaction writes later, whoever commits meanwhile")
        func ownTransaction() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let handler = ScriptedHandler { _ in .succeeded() }
            let (first, second) = (ProcessHarness(address, handler), ProcessHarness(address, handler))
            try await first.database.migrate(JobSchema.migrations)
            let (begun, committed) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let writing = Task {
                try await first.database.write { transaction in
                    let store = JobStore(transaction)
                    _ = try store.submit(.work(), now: JobTime(milliseconds: 0))
                    try store.tell(JobProgress(done: 1), of: JobID(rawValue: 1))
                    begun.signal()
                    committed.wait()
                    let snapshot = try store.snapshot()
                    try store.tell(JobProgress(done: 2), of: JobID(rawValue: 1))
                    return snapshot
                }
            }
            try await second.database.write { transaction in
                begun.wait()
                _ = try JobStore(transaction).submit(.work(), now: JobTime(milliseconds: 0))
            }
            committed.signal()
            let seen = try await writing.value
            // Hidden as long as anybody on the server has an older transaction.
            let unseen = Shared<[JobEvent]>([])
            try await eventually("the events") {
                let events = try await first.database.read { transaction in
                    try JobStore(transaction).events(after: EventPosition(transaction: 0, number: 0), limit: 10)
                }
                unseen.change { $0 = events.filter { !seen.hasSeen($0.position) }.map(\.event) }
                return !unseen.value.isEmpty
            }
            #expect(unseen.value == [.progress(JobProgress(done: 2))])
            for process in [first, second] { await process.database.close() }
        }

        // process 1   begins, writes event 1 ······················ commits
        // process 2            begins, writes event 2, commits
        // reader                                          nothing             event 1, event 2
        @Test("hides what was written while an older transaction has not ended")
        func olderTransaction() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let handler = ScriptedHandler { _ in .succeeded() }
            let (first, second) = (ProcessHarness(address, handler), ProcessHarness(address, handler))
            try await first.database.migrate(JobSchema.migrations)
            let reads: @Sendable () async throws -> [JobID] = {
                try await first.database.read { transaction in
                    try JobStore(transaction).events(after: EventPosition(transaction: 0, number: 0), limit: 10).map(
                        \.job)
                }
            }
            let tells: @Sendable (any Transaction, Int64) throws -> Void = { transaction, id in
                try JobStore(transaction).tell(JobProgress(done: 1), of: JobID(rawValue: id))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await first.database.write { transaction in
                        try tells(transaction, 1)
                        // Until the other one's is there, and has been looked for.
                        while try transaction.value("SELECT count(*) FROM job_events WHERE job = 3", as: Int.self) == 0
                        {
                            _ = try transaction.query("SELECT pg_sleep(0.01)::text")
                        }
                    }
                }
                try await eventually("the first one's transaction") {
                    try await first.database.read { transaction in
                        try transaction.value(
                            "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL", as: Int.self) ?? 0
                            > 0
                    }
                }
                try await second.database.write { try tells($0, 2) }
                #expect(try await reads() == [])
                try await second.database.write { try tells($0, 3) }
                try await group.waitForAll()
            }
            // Transactions of other tests on the same server hide them as well.
            try await eventually("all events, in the order of their transactions") {
                try await reads() == [1, 2, 3].map { JobID(rawValue: $0) }
            }
            for process in [first, second] { await process.database.close() }
        }
    }
}
