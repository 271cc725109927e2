import Database
import Logging
import PostgreSQLTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("the tail of events")
    struct EventTailTests {
        @Test("goes back to where a watcher begins, however often others have looked meanwhile")
        func cursor() {
            let at = { EventPosition(transaction: $0, number: $1) }
            var cursor = TailCursor()
            #expect(cursor.take() == nil)
            cursor.begin(at: at(10, 0))
            #expect(cursor.take() == at(10, 0))
            cursor.advance(to: at(20, 7))
            cursor.begin(at: at(15, 0))
            #expect(cursor.take() == at(15, 0))
            // Between the look and its end.
            cursor.begin(at: at(18, 0))
            cursor.begin(at: at(17, 0))
            cursor.advance(to: at(30, 1))
            #expect(cursor.take() == at(17, 0))
            cursor.advance(to: at(30, 1))
            cursor.begin(at: at(40, 0))
            #expect(cursor.take() == at(30, 1))
        }

        @Test("tells a watcher each event once, and in its order")
        func dedupes() async throws {
            let board = WatcherBoard(limit: 1)
            let (events, continuation) = try board.open()
            let job = JobID(rawValue: 1)
            board.connect(continuation, to: job, state: .running, progress: nil)
            for number in [1, 2, 1, 2, 3] {
                let event = JobEvent.progress(JobProgress(done: number))
                board.publish(event, of: job, at: EventPosition(transaction: 5, number: Int64(number)))
            }
            board.finish()
            var told: [JobEvent] = []
            for await event in events { told.append(event) }
            #expect(told == [.state(.running)] + (1...3).map { .progress(JobProgress(done: $0)) })
        }

        // job 2     snapshot ── event ──────────── connected: has to be told the event
        // job 1                        event, told to its watcher by a look that passes both
        @Test("tells what others wrote between a watcher's snapshot and its connection")
        func lateConnection() async throws {
            let process = ProcessHarness(
                try await PostgreSQLTrait.current.makeDatabase(), ScriptedHandler { _ in .succeeded() })
            let database = process.database
            try await database.migrate(JobSchema.migrations)
            let board = WatcherBoard(limit: 2)
            let tail = EventTail(clock: .system, watchers: board, logger: Logger(label: "test"))
            let (first, second) = (JobID(rawValue: 1), JobID(rawValue: 2))
            let snapshots = try await database.write { transaction in
                try JobStore(transaction).snapshot()
            }
            let (seen, seeing) = try board.open()
            board.connect(seeing, to: first, state: .running, progress: nil, unseenBy: snapshots)
            tail.begin(at: snapshots)
            let late = try await database.write { try JobStore($0).snapshot() }
            for job in [second, first] {
                try await database.write { try JobStore($0).tell(JobProgress(done: 1), of: job) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await tail.run(database) { board.publish($0.event, of: $0.job, at: $0.position) }
                }
                try await withDeadline(.seconds(60), "both watchers") {
                    var told = seen.makeAsyncIterator()
                    #expect(await told.next() == .state(.running))
                    #expect(await told.next() == .progress(JobProgress(done: 1)))
                    let (events, continuation) = try board.open()
                    board.connect(continuation, to: second, state: .running, progress: nil, unseenBy: late)
                    tail.begin(at: late)
                    var toldLate = events.makeAsyncIterator()
                    #expect(await toldLate.next() == .state(.running))
                    #expect(await toldLate.next() == .progress(JobProgress(done: 1)))
                    // The first one's event was read again for the second, and not told again.
                    try await database.write { try JobStore($0).tell(JobProgress(done: 2), of: first) }
                    tail.ring()
                    #expect(await told.next() == .progress(JobProgress(done: 2)))
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            await database.close()
        }
    }
}
