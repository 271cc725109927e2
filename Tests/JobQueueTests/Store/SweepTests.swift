import Database
import StoreTesting
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("retention")
    struct SweepTests {
        @Test(
            "removes ended jobs with all they own, a bounded number of rows at a time", arguments: StoreEngine.allCases)
        func sweeps(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 5_000)]
            try await harness.store { store in
                for number in 0..<300 {
                    let job = NewJob(kind: "work", exclusiveKeys: ["key \(number)", "other \(number)"])
                    _ = try store.submit(job, now: .zero)
                }
            }
            for job in try await harness.claim(queues, jobsMax: 5_000) {
                _ = try await harness.finish(job, .outcome(.succeeded(result: [1])))
            }
            let kept = try await harness.submit(.work())
            let cutoffs = SweepCutoffs(JobRetention(), now: .zero + .seconds(8 * 86_400))
            var removed: [Int] = []
            while let count = try await harness.store({ try $0.sweep(cutoffs, rowsMax: 500) }) as Int?, count > 0 {
                removed.append(count)
            }
            // Job, payload, result, attempt and two keys of each.
            #expect(removed.reduce(0, +) == 300 * 6)
            #expect(removed.allSatisfy { $0 <= 500 })
            #expect(try await harness.count("SELECT count(*) FROM jobs") == 1)
            #expect(try await harness.count("SELECT count(*) FROM job_payloads") == 1)
            #expect(try await harness.count("SELECT count(*) FROM job_attempts") == 0)
            #expect(try await harness.state(of: kept) == .ready)
        }

        @Test(
            "keeps what is young, what failed longer than what succeeded, and what still executes",
            arguments: StoreEngine.allCases)
        func keeps(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 10)]
            for _ in 0..<3 { try await harness.submit(.work()) }
            let jobs = try await harness.claim(queues)
            _ = try await harness.finish(jobs[0], .outcome(.succeeded()))
            _ = try await harness.finish(jobs[1], .outcome(.failed(reason: "no")))
            _ = try await harness.store { try $0.cancel(jobs[2].id, now: .zero) { _, _ in } }
            _ = try await harness.store { try $0.withdraw(jobs[2].id, fence: jobs[2].fence, now: .zero) { _, _ in } }
            let young = SweepCutoffs(JobRetention(), now: .zero + .seconds(60))
            #expect(try await harness.store { try $0.sweep(young, rowsMax: 2_000) } == 0)
            let week = SweepCutoffs(JobRetention(), now: .zero + .seconds(8 * 86_400))
            #expect(try await harness.store { try $0.sweep(week, rowsMax: 2_000) } > 0)
            #expect(try await harness.state(of: jobs[0].id) == nil)
            #expect(try await harness.state(of: jobs[1].id) == .failed)
            #expect(try await harness.state(of: jobs[2].id) == .cancelled)
        }

        @Test("removes windows of limits that nobody uses any more", arguments: StoreEngine.allCases)
        func windows(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for key in ["used", "unused"] {
                var job = NewJob.work()
                job.limit = JobLimit(key: key, startsMax: 1, per: .seconds(60))
                try await harness.submit(job)
                // The second one waits for the next window.
                if key == "used" { try await harness.submit(job) }
            }
            for job in try await harness.claim([QueueOptions(name: "default", concurrencyMax: 10)]) {
                _ = try await harness.finish(job, .outcome(.succeeded()))
            }
            #expect(try await harness.count("SELECT count(*) FROM job_limits") == 2)
            let week = SweepCutoffs(JobRetention(), now: .zero + .seconds(8 * 86_400))
            _ = try await harness.store { try $0.sweep(week, rowsMax: 2_000) }
            let left = try await harness.store { try $0.transaction.query("SELECT key FROM job_limits") }
            #expect(try left.map { try $0.get("key", as: String.self) } == ["used"])
        }

        @Test("removes no more rows at a time than it may, whatever they are")
        func boundedInAll() async throws {
            let harness = try await StoreHarness()
            try await harness.store { store in
                for number in 0..<5 {
                    let job = try store.submit(.work(), now: .zero).id
                    _ = try store.cancel(job, now: .zero) { _, _ in }
                    try DeliveryLog(store.transaction).disable("http://gone/\(number)", now: .zero)
                    try DeliveryLog(store.transaction).record(
                        DeliveryAttempt(attempt: 1, startedAt: .zero, duration: .zero, status: 200, error: nil),
                        of: Int64(number))
                }
            }
            let later = SweepCutoffs(JobRetention(), now: .zero + .seconds(90 * 86_400))
            var removed: [Int] = []
            while let count = try await harness.store({ try $0.sweep(later, rowsMax: 3) }) as Int?, count > 0 {
                removed.append(count)
            }
            #expect(removed.reduce(0, +) == 4 * 5)
            #expect(removed.allSatisfy { $0 <= 3 })
        }

        @Test("never gives a removed job's id to another", arguments: StoreEngine.allCases)
        func idsAreNotReused(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let old = try await harness.submit(.work())
            _ = try await harness.store { try $0.cancel(old, now: .zero) { _, _ in } }
            let later = SweepCutoffs(JobRetention(), now: .zero + .seconds(90 * 86_400))
            #expect(try await harness.store { try $0.sweep(later, rowsMax: 2_000) } == 2)
            #expect(try await harness.submit(.work()) > old)
        }
    }
}
