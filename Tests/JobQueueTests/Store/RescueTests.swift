import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("a start after a crash")
    struct RescueTests {
        @Test(
            "decides by the policy of the job",
            arguments: StoreEngine.allCases,
            [
                (policy: RescuePolicy.resume, state: JobState.ready, note: nil as String?, keepsProgress: true),
                (.rerun, .ready, nil, false), (.fail("服务重启"), .failed, "服务重启", true),
            ])
        func policy(
            on engine: StoreEngine, _ row: (policy: RescuePolicy, state: JobState, note: String?, keepsProgress: Bool)
        ) async throws {
            let (policy, state, note, keepsProgress) = row
            let harness = try await StoreHarness(engine)
            let id = try await harness.submit(NewJob(kind: "work", exclusiveKeys: ["key"], rescue: policy))
            let claimed = try #require(try await harness.claim().first)
            let update = ProgressUpdate(id: id, fence: claimed.fence, progress: JobProgress(done: 3))
            try await harness.store { try $0.store([update], now: .zero) }
            _ = try await harness.rescue()
            let snapshot = try #require(try await harness.store { try $0.snapshot(of: id) })
            #expect(snapshot.state == state)
            #expect(snapshot.note == note)
            #expect(snapshot.attempt == (state == .ready ? 0 : 1))
            #expect(try await harness.store { try $0.progress(of: id) } != nil || !keepsProgress)
            #expect(try await harness.store { try $0.progress(of: id) } == nil || keepsProgress)
            #expect(try await harness.count("SELECT count(*) FROM job_locks") == 0)
            #expect(try await harness.rescue() == nil)
        }

        @Test("never turns a cancel into a new run", arguments: StoreEngine.allCases)
        func cancelling(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let id = try await harness.submit(.work())
            _ = try await harness.claim()
            _ = try await harness.store { try $0.cancel(id, now: .zero) { _, _ in } }
            #expect(try await harness.rescue() == RescueReport(runAgain: 0, failed: 0, cancelled: 1))
            #expect(try await harness.state(of: id) == .cancelled)
        }

        @Test("decides over more jobs than one transaction takes", arguments: StoreEngine.allCases)
        func many(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            try await harness.store { store in
                for _ in 0..<1_200 { _ = try store.submit(.work(), now: .zero) }
            }
            _ = try await harness.claim([QueueOptions(name: "default", concurrencyMax: 5_000)], jobsMax: 5_000)
            var batches = 0
            while try await harness.rescue() != nil { batches += 1 }
            #expect(batches == 3)
            #expect(try await harness.count("SELECT count(*) FROM jobs WHERE state = 'ready'") == 1_200)
        }

        @Test(
            "lets a job that killed its process twice run only alone, and fails it the fourth time",
            arguments: StoreEngine.allCases)
        func poison(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 10)]
            let suspect = try await harness.submit(.work())
            for _ in 0..<2 {
                #expect(try await harness.claim(queues).map(\.id) == [suspect])
                _ = try await harness.rescue()
            }
            let innocent = try await harness.submit(.work(priority: 9))
            // The suspect first, and nothing beside it.
            let alone = try await harness.claim(queues)
            #expect(alone.map(\.id) == [suspect])
            #expect(try await harness.claim(queues).isEmpty)
            _ = try await harness.rescue()
            #expect(try await harness.claim(queues).map(\.id) == [suspect])
            _ = try await harness.rescue()
            #expect(try await harness.state(of: suspect) == .failed)
            #expect(try await harness.claim(queues).map(\.id) == [innocent])
        }

        @Test("forgets rescues once the job has made durable progress", arguments: StoreEngine.allCases)
        func progressClears(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let id = try await harness.submit(.work())
            for _ in 0..<10 {
                let claimed = try #require(try await harness.claim().first)
                let update = ProgressUpdate(id: id, fence: claimed.fence, progress: JobProgress(done: 1))
                try await harness.store { try $0.store([update], now: .zero) }
                _ = try await harness.rescue()
            }
            #expect(try await harness.state(of: id) == .ready)
        }

        @Test("is not deceived by progress that is made anew each time", arguments: StoreEngine.allCases)
        func repeatedProgress(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let id = try await harness.submit(.work())
            for _ in 0..<4 {
                let claimed = try #require(try await harness.claim().first)
                let update = ProgressUpdate(
                    id: id, fence: claimed.fence, progress: JobProgress(done: 1), isLasting: false)
                try await harness.store { try $0.store([update], now: .zero) }
                #expect(try await harness.store { try $0.progress(of: id) } == JobProgress(done: 1))
                _ = try await harness.rescue()
            }
            #expect(try await harness.state(of: id) == .failed)
        }
    }
}
