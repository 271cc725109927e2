import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("running jobs")
    struct RunTests {
        @Test("runs a job once it is committed, and tells its handler of the end", arguments: StoreEngine.allCases)
        func runs(on engine: StoreEngine) async throws {
            let handler = ScriptedHandler { job in .succeeded(result: job.parameters.reversed()) }
            let harness = try await EngineHarness(handler, on: engine)
            try await harness.running {
                let id = try await harness.submit(NewJob(kind: "work", parameters: [1, 2, 3]))
                try await harness.reaches(.succeeded, id)
                #expect(try await harness.snapshot(id)?.result == [3, 2, 1])
                #expect(handler.ends.value.map(\.id) == [id])
                #expect(handler.ends.value.map(\.state) == [.succeeded])
            }
        }

        @Test("runs nothing of a transaction that was rolled back", arguments: StoreEngine.allCases)
        func rolledBack(on engine: StoreEngine) async throws {
            let seen = Shared<[JobID]>([])
            let handler = ScriptedHandler { job in
                seen.change { $0.append(job.id) }
                return .succeeded()
            }
            let harness = try await EngineHarness(handler, on: engine)
            try await harness.running {
                await #expect(throws: JobError.self) {
                    try await harness.store.database.write { transaction in
                        let submission = try harness.queue.submit(.work(), in: transaction)
                        throw JobError.unknownJob(submission.id)
                    }
                }
                let id = try await harness.submit()
                try await harness.reaches(.succeeded, id)
                #expect(seen.value == [id])
            }
        }

        @Test("keeps as many executions as the queue has slots, until all is done", arguments: StoreEngine.allCases)
        func slots(on engine: StoreEngine) async throws {
            let running = Shared((now: 0, most: 0))
            let handler = ScriptedHandler { _ in
                running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                await Task.yield()
                running.change { $0.now -= 1 }
                return .succeeded()
            }
            var configuration = JobQueueConfiguration()
            configuration.queues = [QueueOptions(name: "default", concurrencyMax: 3)]
            let harness = try await EngineHarness(handler, on: engine, configuration: configuration)
            try await harness.running {
                var ids: [JobID] = []
                for _ in 0..<40 { ids.append(try await harness.submit()) }
                for id in ids { try await harness.reaches(.succeeded, id) }
                #expect(running.value.most <= 3)
            }
        }

        @Test("repeats a failed attempt when its wait is over")
        func retries() async throws {
            struct Flaky: Error {}
            let handler = ScriptedHandler { job in
                if job.attempt < 3 { throw Flaky() }
                return .succeeded()
            }
            let harness = try await EngineHarness(handler)
            try await harness.running {
                let policy = RetryPolicy(attemptsMax: 3, backoffFirst: .seconds(60))
                let id = try await harness.submit(NewJob(kind: "work", retry: policy))
                for (attempt, wait) in [(1, 60), (2, 120)] {
                    try await eventually("failure of attempt \(attempt)") {
                        let snapshot = try await harness.snapshot(id)
                        return snapshot?.attempt == attempt && snapshot?.note == "Flaky()"
                    }
                    harness.clock.advance(by: .seconds(wait))
                }
                try await harness.reaches(.succeeded, id)
                #expect(try await harness.snapshot(id)?.attempt == 3)
            }
        }

        @Test("starts a delayed job at its instant")
        func delayed() async throws {
            let harness = try await EngineHarness(ScriptedHandler { _ in .succeeded() })
            try await harness.running {
                let id = try await harness.submit(.work(runAt: harness.now + .seconds(3_600)))
                #expect(try await harness.snapshot(id)?.state == .scheduled)
                harness.clock.advance(by: .seconds(3_600))
                try await harness.reaches(.succeeded, id)
                #expect(try await harness.snapshot(id)?.startedAt == .zero + .seconds(3_600))
            }
        }

        @Test("comes back to a parked job, whose attempt was given back")
        func parks() async throws {
            let visits = Shared(0)
            let handler = ScriptedHandler { job in
                let visit = visits.change { visits in
                    visits += 1
                    return visits
                }
                #expect(job.attempt == 1)
                return visit == 1 ? .park(until: .zero + .seconds(30), note: "rate limit") : .succeeded()
            }
            let harness = try await EngineHarness(handler)
            try await harness.running {
                let id = try await harness.submit()
                try await harness.reaches(.scheduled, id)
                #expect(try await harness.snapshot(id)?.note == "rate limit")
                harness.clock.advance(by: .seconds(30))
                try await harness.reaches(.succeeded, id)
            }
        }

        @Test("fails a job whose own writes cannot be made")
        func failingWrites() async throws {
            let handler = ScriptedHandler { _ in
                .succeeded(result: [1]) { try $0.execute("INSERT INTO absent VALUES (1)") }
            }
            let harness = try await EngineHarness(handler)
            try await harness.running {
                let id = try await harness.submit()
                try await harness.reaches(.failed, id)
                let snapshot = try #require(try await harness.snapshot(id))
                #expect(snapshot.note?.contains("no such table: absent") == true)
                #expect(snapshot.result == nil)
                #expect(handler.ends.value.map(\.state) == [.failed])
            }
        }

        @Test("submits an ended job anew as its successor", arguments: StoreEngine.allCases)
        func resubmits(on engine: StoreEngine) async throws {
            let harness = try await EngineHarness(ScriptedHandler { _ in .failed(reason: "no") }, on: engine)
            try await harness.running {
                let first = try await harness.submit(NewJob(kind: "work", parameters: [7], exclusiveKeys: ["k"]))
                try await harness.reaches(.failed, first)
                let second = try await harness.store.database.write { try harness.queue.resubmit(first, in: $0) }
                try await harness.reaches(.failed, second.id)
                #expect(try await harness.snapshot(first)?.state == .failed)
                #expect(second.id != first)
            }
        }
    }
}
