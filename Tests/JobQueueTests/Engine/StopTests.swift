import Database
import TestSupport
import Testing

@testable import JobQueue

@Suite("stopping jobs")
struct StopTests {
    @Test("a cancel stops the execution and is told to watchers in order")
    func cancels() async throws {
        let running = Gate()
        let handler = ScriptedHandler { _ in
            running.open()
            await Gate().wait()
            try Task.checkCancellation()
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            await running.wait()
            let events = try await harness.queue.events(of: id)
            #expect(try await harness.cancel(id) == .cancelling)
            var seen: [JobEvent] = []
            for await event in events { seen.append(event) }
            #expect(seen == [.state(.running), .state(.cancelling), .state(.cancelled)])
            #expect(try await harness.cancel(id) == .alreadyEnded(.cancelled))
            #expect(handler.ends.value.map(\.state) == [.cancelled])
        }
    }

    @Test("a success reported after a cancel becomes cancelled")
    func successAfterCancel() async throws {
        let running = Gate()
        let mayEnd = Gate()
        let handler = ScriptedHandler { _ in
            running.open()
            while !mayEnd.isOpen { await Task.yield() }
            return .succeeded(result: [1]) { _ in Issue.record("writes of a cancelled job were run") }
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit()
            await running.wait()
            #expect(try await harness.cancel(id) == .cancelling)
            mayEnd.open()
            try await harness.reaches(.cancelled, id)
            #expect(try await harness.snapshot(id)?.result == nil)
        }
    }

    // cancel ── 10 s ──► the fence moves: cancelled     the execution, still there: reports success
    //                    its slot is still taken                                     └─► lease lost, slot free
    @Test("an execution that ignores a cancel loses its job after the grace, and its slot when it ends")
    func grace() async throws {
        let running = Gate()
        let mayEnd = Gate()
        let handler = ScriptedHandler { job in
            guard job.parameters == [1] else { return .succeeded() }
            running.open()
            while !mayEnd.isOpen { await Task.yield() }
            return .succeeded()
        }
        var configuration = JobQueueConfiguration()
        configuration.queues = [QueueOptions(name: "default", concurrencyMax: 1)]
        let harness = try await EngineHarness(handler, configuration: configuration)
        try await harness.running {
            let id = try await harness.submit(NewJob(kind: "work", parameters: [1]))
            await running.wait()
            let next = try await harness.submit()
            #expect(try await harness.cancel(id) == .cancelling)
            harness.clock.advance(by: .seconds(10))
            try await harness.reaches(.cancelled, id)
            #expect(try await harness.snapshot(next)?.state == .ready)
            mayEnd.open()
            try await harness.reaches(.succeeded, next)
            #expect(try await harness.snapshot(id)?.state == .cancelled)
            #expect(handler.ends.value.map(\.id) == [id, next])
        }
    }

    @Test("an attempt past its deadline is stopped and counts as failed")
    func deadline() async throws {
        let running = Gate()
        let handler = ScriptedHandler { _ in
            running.open()
            await Gate().wait()
            throw CancellationError()
        }
        let harness = try await EngineHarness(handler)
        try await harness.running {
            let id = try await harness.submit(NewJob(kind: "work", deadline: .seconds(90)))
            await running.wait()
            harness.clock.advance(by: .seconds(90))
            try await harness.reaches(.failed, id)
            let snapshot = try #require(try await harness.snapshot(id))
            #expect(snapshot.note == "the attempt took longer than 90.0 seconds")
            #expect(snapshot.attempt == 1)
        }
    }

    @Test("shutdown gives running jobs back with their attempt, and starts nothing more")
    func shutdown() async throws {
        let running = Gate()
        let handler = ScriptedHandler { _ in
            running.open()
            await Gate().wait()
            throw CancellationError()
        }
        var configuration = JobQueueConfiguration()
        configuration.queues = [QueueOptions(name: "default", concurrencyMax: 1)]
        let harness = try await EngineHarness(handler, configuration: configuration)
        let ids = Shared<[JobID]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await harness.queue.run() }
            for _ in 0..<2 {
                let id = try await harness.submit()
                ids.change { $0.append(id) }
            }
            await running.wait()
            #expect(harness.queue.isReady)
            harness.queue.engine.beginShutdown()
            #expect(!harness.queue.isReady)
            try await group.waitForAll()
        }
        for id in ids.value {
            let snapshot = try #require(try await harness.snapshot(id))
            #expect(snapshot.state == .ready)
            #expect(snapshot.attempt == 0)
        }
        #expect(handler.ends.value.isEmpty)
        await harness.store.database.close()
    }

    @Test("shutdown takes jobs back from executions that do not end in its grace")
    func stubbornShutdown() async throws {
        let running = Gate()
        let mayEnd = Gate()
        let handler = ScriptedHandler { _ in
            running.open()
            while !mayEnd.isOpen { await Task.yield() }
            return .succeeded()
        }
        let harness = try await EngineHarness(handler)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await harness.queue.run() }
            let id = try await harness.submit()
            await running.wait()
            harness.queue.engine.beginShutdown()
            harness.clock.advance(by: .seconds(10))
            try await eventually("the job to be given back") { try await harness.snapshot(id)?.state == .ready }
            mayEnd.open()
            try await group.waitForAll()
            // Its late success had no fence any more.
            #expect(try await harness.snapshot(id)?.state == .ready)
        }
        await harness.store.database.close()
    }
}
