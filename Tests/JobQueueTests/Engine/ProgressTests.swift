import Database
import TestSupport
import Testing

@testable import JobQueue

@Suite("progress")
struct ProgressTests {
    @Test("is told at once, kept in memory, and written 500 ms later")
    func batches() async throws {
        let reported = Gate()
        let mayEnd = Gate()
        let handler = ScriptedHandler { job in
            for done in 1...100 { job.progress(JobProgress(done: done, total: 100, note: "page \(done)")) }
            reported.open()
            await mayEnd.wait()
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            await reported.wait()
            let last = JobProgress(done: 100, total: 100, note: "page 100")
            #expect(try await harness.store.database.read { try harness.queue.progress(of: id, in: $0) } == last)
            #expect(try await harness.store.store { try $0.progress(of: id) } == nil)
            harness.clock.advance(by: .milliseconds(500))
            try await eventually("progress in the store") {
                try await harness.store.store { try $0.progress(of: id) } == last
            }
            mayEnd.open()
            try await harness.reaches(.succeeded, id)
        }
    }

    @Test("is not lost when the job ends before it was written")
    func lastProgress() async throws {
        let handler = ScriptedHandler { job in
            job.progress(JobProgress(done: 7))
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            try await harness.reaches(.succeeded, id)
            #expect(try await harness.store.store { try $0.progress(of: id) } == JobProgress(done: 7))
        }
    }

    @Test("reaches a slow watcher as its newest part, and the end always")
    func slowWatcher() async throws {
        let watched = Gate()
        let handler = ScriptedHandler { job in
            await watched.wait()
            for done in 1...1_000 { job.progress(JobProgress(done: done)) }
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            let events = try await harness.queue.events(of: id)
            watched.open()
            try await harness.reaches(.succeeded, id)
            var seen: [JobEvent] = []
            for await event in events { seen.append(event) }
            #expect(seen.last == .state(.succeeded))
            #expect(seen.contains(.progress(JobProgress(done: 1_000))))
            // 32 are kept; what is published while the watcher already reads comes on top.
            #expect(seen.count < 100)
        }
    }

    @Test("of a job that does not exist cannot be watched")
    func unknown() async throws {
        let harness = try await EngineHarness(ScriptedHandler { _ in .succeeded() })
        await #expect(throws: JobError.unknownJob(JobID(rawValue: 4))) {
            try await harness.queue.events(of: JobID(rawValue: 4))
        }
        await harness.store.database.close()
    }

    @Test("made durable by the handler itself needs the lease")
    func ownWrites() async throws {
        let handler = ScriptedHandler { job in
            try await job.write { try $0.execute("CREATE TABLE mine (id INTEGER PRIMARY KEY) STRICT") }
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            try await harness.reaches(.succeeded, id)
            #expect(try await harness.store.count("SELECT count(*) FROM mine") == 0)
        }
    }
}
