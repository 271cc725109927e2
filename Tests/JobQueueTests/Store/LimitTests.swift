import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("limits that jobs share")
    struct LimitTests {
        private let queues = [
            QueueOptions(name: "default", concurrencyMax: 10), QueueOptions(name: "other", concurrencyMax: 10),
        ]

        private func submit(_ harness: StoreHarness, _ limit: JobLimit?, queue: String = "default") async throws
            -> JobID
        {
            var job = NewJob.work(queue: queue)
            job.limit = limit
            return try await harness.submit(job)
        }

        @Test("hold over all queues, and keep nobody else from running", arguments: StoreEngine.allCases)
        func running(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let limit = JobLimit(key: "account", runningMax: 2)
            var limited: [JobID] = []
            for number in 0..<4 {
                limited.append(try await submit(harness, limit, queue: number == 1 ? "other" : "default"))
            }
            let free = try await submit(harness, nil)
            let claimed = try await harness.claim(queues)
            #expect(claimed.count { $0.limit != nil } == 2)
            #expect(claimed.contains { $0.id == free })
            #expect(try await harness.claim(queues).isEmpty)
            let one = try #require(claimed.first { $0.limit != nil })
            _ = try await harness.finish(one, .outcome(.succeeded()))
            #expect(try await harness.claim(queues).count == 1)
        }

        // 0 s         two start, the others are planned for 60 s
        // 60 s        the next two
        @Test("let so many start in a period, the rest in the next one", arguments: StoreEngine.allCases)
        func starts(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let limit = JobLimit(key: "host", startsMax: 2, per: .seconds(60))
            for _ in 0..<5 { _ = try await submit(harness, limit) }
            #expect(try await harness.claim(queues).count == 2)
            #expect(try await harness.store { try $0.nextDue() } == .zero + .seconds(60))
            #expect(try await harness.claim(queues, at: .zero + .seconds(59)).isEmpty)
            for (second, count) in [(60, 2), (119, 0), (120, 1)] {
                let now = JobTime.zero + .seconds(second)
                try await harness.store { try $0.promote(now: now) }
                #expect(try await harness.claim(queues, at: now).count == count, "after \(second) s")
            }
        }

        // limited     one runs, the others are planned for the next hour
        // free        runs beside it, though 1,100 stood before it
        @Test("keep nobody waiting behind jobs that have to wait", arguments: StoreEngine.allCases)
        func behind(on engine: StoreEngine) async throws {
            let mayEnd = Gate()
            let handler = ScriptedHandler { job in
                if job.parameters.isEmpty { await mayEnd.wait() }
                return .succeeded()
            }
            var configuration = JobQueueConfiguration()
            configuration.queues = [QueueOptions(name: "default", concurrencyMax: 2)]
            let harness = try await EngineHarness(handler, on: engine, configuration: configuration)
            let free = try await harness.store.database.write { transaction in
                var limited = NewJob.work()
                limited.limit = JobLimit(key: "host", startsMax: 1, per: .seconds(3_600))
                for _ in 0..<1_100 { _ = try harness.queue.submit(limited, in: transaction) }
                return try harness.queue.submit(NewJob(kind: "work", parameters: [1]), in: transaction).id
            }
            try await harness.running {
                try await harness.reaches(.succeeded, free)
                mayEnd.open()
            }
        }
    }
}
