import Database
import DatabaseSQLite
import Logging
import TestSupport
import Testing

@testable import JobQueue

@Suite("a queue whose store is in trouble")
struct StoreTroubleTests {
    @Test("writes an outcome again until the store has room for it")
    func patientOutcome() async throws {
        let running = Gate()
        let mayEnd = Gate()
        let runs = Shared(0)
        let handler = ScriptedHandler { _ in
            runs.change { $0 += 1 }
            running.open()
            await mayEnd.wait()
            return .succeeded(result: [1])
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            await running.wait()
            // Once together with others, had there been any, then alone.
            harness.flaky.refuse([.full, .full, .overloaded])
            mayEnd.open()
            for left in [1, 0] {
                try await eventually("a refusal") { harness.flaky.refusalsLeft == left }
                // The sweeper sleeps as well.
                try await harness.clock.waitForSleepers(2)
                harness.clock.advance(by: .seconds(1))
            }
            try await harness.reaches(.succeeded, id)
            #expect(runs.value == 1)
        }
    }

    @Test("starts jobs again once the store has room")
    func patientClaim() async throws {
        let harness = try await EngineHarness(ScriptedHandler { _ in .succeeded() })
        try await harness.queue.start()
        // The first claim, and the first look for what is past its retention.
        harness.flaky.refuse([.full, .full])
        try await harness.running {
            try await eventually("the refusals") { harness.flaky.refusalsLeft == 0 }
            try await harness.clock.waitForSleepers(2)
            let id = try await harness.store.submit(.work())
            #expect(try await harness.snapshot(id)?.state == .ready)
            harness.clock.advance(by: .seconds(1))
            try await harness.reaches(.succeeded, id)
        }
    }

    @Test("tells the service of a failure also when recording it fails at first")
    func failureIsTold() async throws {
        let (running, mayEnd) = (Gate(), Gate())
        let handler = ScriptedHandler { _ in
            running.open()
            await mayEnd.wait()
            return .failed(reason: "no")
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            await running.wait()
            // Once together with others, had there been any, then alone.
            harness.flaky.refuse([.constraint(.other), .constraint(.other)])
            mayEnd.open()
            try await eventually("the refusals") { harness.flaky.refusalsLeft == 0 }
            try await harness.reaches(.failed, id)
            #expect(handler.ends.value.map(\.state) == [.failed])
        }
    }

    @Test("ends with the error of an attempt that cannot be recorded, and goes on with nothing else")
    func unrecordedAttempt() async throws {
        let flaky = Shared<FlakyDatabase?>(nil)
        let harness = try await EngineHarness(
            ScriptedHandler { _ in .succeeded() },
            deliver: { _ in
                flaky.value?.refuse([.misuse])
                return .response(status: 200)
            })
        flaky.change { $0 = harness.flaky }
        try await harness.queue.start()
        try await harness.store.database.write { transaction in
            try harness.queue.enqueue(OutboxMessage(url: "http://receiver/", body: []), in: transaction)
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await withDeadline(.seconds(30), "the end of the queue") { try await harness.queue.run() }
        }
        #expect(error?.kind == .misuse)
        await harness.store.database.close()
    }

    @Test("takes callbacks again once the store has room for another read")
    func patientOutbox() async throws {
        let delivered = Gate()
        let harness = try await EngineHarness(
            ScriptedHandler { _ in .succeeded() },
            deliver: { _ in
                delivered.open()
                return .response(status: 200)
            })
        try await harness.running {
            try await harness.clock.waitForSleepers(1)
            harness.flaky.refuseReads([.overloaded])
            try await harness.store.database.write {
                try harness.queue.enqueue(OutboxMessage(url: "http://x", body: []), in: $0)
            }
            try await eventually("the refusal") { harness.flaky.refusalsLeft == 0 }
            try await harness.clock.waitForSleepers(2)
            harness.clock.advance(by: .seconds(1))
            await delivered.wait()
        }
    }

    @Test("does not take a wait cut short for a failure of the job")
    func cancelledWhileFull() async throws {
        let mayEnd = Gate()
        let handler = ScriptedHandler { _ in
            await mayEnd.wait()
            return .succeeded(result: [1])
        }
        let harness = try await EngineHarness(handler)
        let id = try await harness.submit()
        let run = Task { try await harness.queue.run() }
        try await harness.clock.waitForSleepers(1)
        try await eventually("the execution") { try await harness.snapshot(id)?.state == .running }
        harness.flaky.refuse([.full, .full])
        mayEnd.open()
        try await eventually("the refusal") { harness.flaky.refusalsLeft == 0 }
        try await harness.clock.waitForSleepers(2)
        run.cancel()
        _ = await run.result
        #expect(try await harness.snapshot(id)?.state == .running, "the next start rescues it")
        await harness.store.database.close()
    }

    @Test("ends when the disk has failed, so that the process ends")
    func ioError() async throws {
        let directory = try TemporaryDirectory()
        let isFailing = Shared(false)
        var options = SQLiteOptions()
        options.beforeCommit = { if isFailing.value { throw DatabaseError(.io, "disk I/O error") } }
        let database = try SQLiteDatabase(
            path: directory.path("store.sqlite"), options: options, logger: Logger(label: "test"))
        let queue = JobQueue(
            database: database, handlers: [ScriptedHandler { _ in .succeeded() }],
            deliver: { _ in .failed(reason: "") }, logger: Logger(label: "test"))
        try await queue.start()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            isFailing.change { $0 = true }
            // Somebody else's write; the queue itself may be idle.
            await #expect(throws: DatabaseError.self) { try await database.write { _ in } }
            let error = await #expect(throws: DatabaseError.self) { try await group.waitForAll() }
            #expect(error?.kind == .io)
        }
        #expect(!queue.isReady)
        await database.close()
    }
}
