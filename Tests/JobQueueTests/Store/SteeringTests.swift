import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("steering queues and jobs")
    struct SteeringTests {
        @Test("a queue that is paused starts nothing until it is resumed", arguments: StoreEngine.allCases)
        func pause(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for _ in 0..<3 { try await harness.submit(.work()) }
            let queues = [QueueOptions(name: "default", concurrencyMax: 1)]
            let running = try await harness.claim(queues)
            try await harness.store { try $0.setPaused("default", since: .zero) }
            let paused = try await harness.store { try $0.queueStatuses() }
            #expect(
                paused == [
                    QueueStatus(name: "default", concurrencyMax: nil, pausedAt: .zero, ready: 2, executing: 1)
                ])
            _ = try await harness.finish(running[0], .outcome(.succeeded()))
            #expect(try await harness.claim(queues).isEmpty)
            try await harness.store { try $0.setPaused("default", since: nil) }
            #expect(try await harness.claim(queues).count == 1)
        }

        @Test("a cap set while processes run wins over their settings", arguments: StoreEngine.allCases)
        func cap(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for _ in 0..<9 { try await harness.submit(.work()) }
            let queues = [QueueOptions(name: "default", concurrencyMax: 1)]
            for (cap, count) in [(0, 0), (3, 3), (-1, 0), (5, 2)] {
                try await harness.store { try $0.setCap(cap, of: "default") }
                #expect(try await harness.claim(queues).count == count, "cap \(cap)")
            }
        }

        @Test("jobs are listed by filter, newest first, page by page", arguments: StoreEngine.allCases)
        func pages(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for number in 0..<25 {
                try await harness.submit(
                    .work(queue: number % 5 == 0 ? "five" : "default"), at: .zero + .seconds(number))
            }
            var filter = JobFilter()
            filter.queue = "default"
            var seen: [JobID] = []
            var pages = 0
            repeat {
                let asked = filter
                let page = try await harness.store { try $0.page(asked, limit: 8) }
                seen += page.jobs.map(\.id)
                filter.before = page.next
                pages += 1
            } while filter.before != nil
            #expect(pages == 3)
            #expect(seen.count == 20)
            #expect(seen == seen.sorted(by: >))
            var recent = JobFilter()
            (recent.createdFrom, recent.createdBefore) = (.zero + .seconds(10), .zero + .seconds(12))
            recent.states = [.ready, .running]
            let asked = recent
            #expect(try await harness.store { try $0.page(asked, limit: 100) }.jobs.count == 2)
        }

        @Test("failed jobs are started again once, as many as asked for", arguments: StoreEngine.allCases)
        func redrive(on engine: StoreEngine) async throws {
            let harness = try await EngineHarness(ScriptedHandler { _ in .failed(reason: "no") }, on: engine)
            try await harness.running {
                let ids = try await [harness.submit(), harness.submit(), harness.submit()]
                for id in ids { try await harness.reaches(.failed, id) }
                let redrive: @Sendable (Int) async throws -> RedriveReport = { limit in
                    try await harness.store.database.write { transaction in
                        try harness.queue.redrive(JobFilter(), limit: limit, in: transaction)
                    }
                }
                let counted = try await redrive(0)
                #expect(counted.matched == 3)
                #expect(counted.redriven.isEmpty)
                #expect(counted.filter.states == [.failed])
                let done = try await redrive(2)
                #expect(done.redriven.map(\.old) == Array(ids.prefix(2)))
                for (_, new) in done.redriven { try await harness.reaches(.failed, new) }
                // The third, and the two that failed again.
                #expect(try await redrive(0).matched == 3)
            }
        }
    }

    @Suite("policies of unique keys")
    struct UniquePolicyTests {
        private static func job(_ policy: UniquePolicy) -> NewJob {
            var job = NewJob(kind: "work", uniqueKey: "report")
            job.uniquePolicy = policy
            return job
        }

        @Test("refuse, or stand in line and run one after the other", arguments: StoreEngine.allCases)
        func line(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 9)]
            let first = try await harness.submit(Self.job(.queue))
            await #expect(throws: JobError.uniqueKeyTaken(by: first)) { try await harness.submit(Self.job(.fail)) }
            let second = try await harness.submit(Self.job(.queue))
            let third = try await harness.submit(Self.job(.queue))
            #expect(try await harness.submit(Self.job(.returnExisting)) == third)
            for id in [first, second, third] {
                let claimed = try await harness.claim(queues)
                #expect(claimed.map(\.id) == [id])
                _ = try await harness.finish(claimed[0], .outcome(.succeeded()))
            }
            #expect(try await harness.submit(Self.job(.fail)) > third)
        }

        // first    running ──► cancelling ── ends ──► cancelled
        // second            replaces it, waits ·············► runs
        @Test("replace the job that holds the key, after its execution has ended", arguments: StoreEngine.allCases)
        func replace(on engine: StoreEngine) async throws {
            let begun = Gate()
            let mayEnd = Gate()
            let running = Shared((now: 0, most: 0))
            let handler = ScriptedHandler { job in
                running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                defer { running.change { $0.now -= 1 } }
                begun.open()
                while !mayEnd.isOpen { await Task.yield() }
                return .succeeded()
            }
            let harness = try await EngineHarness(handler, on: engine)
            try await harness.running {
                let first = try await harness.submit(Self.job(.replace))
                await begun.wait()
                let second = try await harness.submit(Self.job(.replace))
                #expect(second != first)
                #expect(try await harness.snapshot(first)?.state == .cancelling)
                mayEnd.open()
                try await harness.reaches(.succeeded, second)
                #expect(try await harness.snapshot(first)?.state == .cancelled)
                #expect(running.value.most == 1)
            }
        }
    }
}
