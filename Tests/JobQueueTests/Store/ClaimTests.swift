import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("claiming jobs")
    struct ClaimTests {
        @Test("takes priority first, then the due time, then the id", arguments: StoreEngine.allCases)
        func order(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let late = try await harness.submit(.work(), at: .zero + .seconds(2))
            let early = try await harness.submit(.work(), at: .zero + .seconds(1))
            let earlyToo = try await harness.submit(.work(), at: .zero + .seconds(1))
            let urgent = try await harness.submit(.work(priority: 5), at: .zero + .seconds(3))
            let claimed = try await harness.claim([QueueOptions(name: "default", concurrencyMax: 10)])
            #expect(claimed.map(\.id) == [urgent, early, earlyToo, late])
            #expect(claimed.allSatisfy { $0.attempt == 1 && $0.fence == JobFence(rawValue: 1) })
        }

        @Test(
            "leaves alone queues that are paused, unknown or without slots, and kinds nobody handles",
            arguments: StoreEngine.allCases)
        func refused(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            try await harness.submit(.work(queue: "paused"))
            try await harness.submit(.work(queue: "unknown"))
            try await harness.submit(.work(queue: "closed"))
            try await harness.submit(NewJob(kind: "strange"))
            let queues = [
                QueueOptions(name: "paused", isPaused: true), QueueOptions(name: "closed", concurrencyMax: 0),
                QueueOptions(name: "closed", concurrencyMax: -1), QueueOptions(name: "default"),
            ]
            #expect(try await harness.claim(queues).isEmpty)
        }

        @Test("gives each queue its own slots", arguments: StoreEngine.allCases)
        func capsPerQueue(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for _ in 0..<5 {
                try await harness.submit(.work(queue: "a"))
                try await harness.submit(.work(queue: "b"))
            }
            let queues = [QueueOptions(name: "a", concurrencyMax: 2), QueueOptions(name: "b", concurrencyMax: 3)]
            #expect(try await harness.claim(queues).map(\.queue) == ["a", "a", "b", "b", "b"])
            #expect(try await harness.claim(queues).isEmpty)
        }

        // claimer 1   claimer 2   …   claimer 8       each: claim, look at the number of executions, finish one
        @Test("never exceeds the cap, however many claim at once", arguments: StoreEngine.allCases)
        func capUnderConcurrency(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            for _ in 0..<60 { try await harness.submit(.work()) }
            let queues = [QueueOptions(name: "default", concurrencyMax: 5)]
            let most = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        while try await harness.count("SELECT count(*) FROM jobs WHERE state <> 'succeeded'") > 0 {
                            let claimed = try await harness.claim(queues, jobsMax: 3)
                            let running = try await harness.count(
                                "SELECT count(*) FROM jobs WHERE executing IS NOT NULL")
                            most.change { $0 = max($0, running) }
                            for job in claimed { _ = try await harness.finish(job, .outcome(.succeeded())) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(most.value <= 5)
            #expect(try await harness.count("SELECT count(*) FROM job_attempts") == 60)
        }

        @Test("runs one execution at a time per exclusive key", arguments: StoreEngine.allCases)
        func exclusiveKeys(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 10)]
            let both = try await harness.submit(NewJob(kind: "work", exclusiveKeys: ["browser", "account"]))
            let waiting = try await harness.submit(NewJob(kind: "work", exclusiveKeys: ["account"]))
            let other = try await harness.submit(NewJob(kind: "work", exclusiveKeys: ["printer"]))
            let claimed = try await harness.claim(queues)
            #expect(claimed.map(\.id) == [both, other])
            #expect(try await harness.claim(queues).isEmpty)
            _ = try await harness.finish(claimed[0], .outcome(.succeeded()))
            #expect(try await harness.claim(queues).map(\.id) == [waiting])
            #expect(try await harness.count("SELECT count(*) FROM job_locks") == 2)
        }

        @Test(
            "gives the other slots to those behind jobs that are in each other's way", arguments: StoreEngine.allCases)
        func slotsBehindKeys(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 2)]
            var jobs: [JobID] = []
            for _ in 0..<300 { jobs.append(try await harness.submit(NewJob(kind: "work", exclusiveKeys: ["account"]))) }
            let free = try await harness.submit(.work())
            let claimed = try await harness.claim(queues)
            #expect(claimed.map(\.id) == [jobs[0], free])
            _ = try await harness.finish(claimed[0], .outcome(.succeeded()))
            #expect(try await harness.claim(queues).map(\.id) == [jobs[1]])
        }

        @Test("refuses more exclusive keys than a job may want", arguments: StoreEngine.allCases)
        func tooManyKeys(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let keys = (0...16).map { "key \($0)" }
            await #expect(throws: JobError.tooManyExclusiveKeys(17, limit: 16)) {
                try await harness.submit(NewJob(kind: "work", exclusiveKeys: keys))
            }
        }

        // predecessor      running ──► cancelling ──► cancelled (fence moved) ···· still executing ──► ends
        // successor        submitted                        not claimed                                claimed
        @Test(
            "starts a successor only when its predecessor's execution has physically ended",
            arguments: StoreEngine.allCases)
        func successor(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 10)]
            let first = try await harness.submit(.work())
            let execution = try #require(try await harness.claim(queues).first)
            _ = try await harness.store { try $0.cancel(first, now: .zero) { _, _ in } }
            var successor = NewJob.work()
            successor.predecessor = first
            let second = try await harness.submit(successor)
            #expect(try await harness.claim(queues).isEmpty)
            _ = try await harness.store { try $0.withdraw(first, fence: execution.fence, now: .zero) { _, _ in } }
            #expect(try await harness.state(of: first) == .cancelled)
            #expect(try await harness.claim(queues).isEmpty)
            #expect(try await harness.finish(execution, .outcome(.succeeded())) == .leaseLost)
            #expect(try await harness.claim(queues).map(\.id) == [second])
            #expect(try await harness.state(of: first) == .cancelled)
        }

        @Test("makes due what is scheduled, and tells when to look again", arguments: StoreEngine.allCases)
        func schedules(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let soon = try await harness.submit(.work(runAt: .zero + .seconds(10)))
            try await harness.submit(.work(runAt: .zero + .seconds(20)))
            #expect(try await harness.state(of: soon) == .scheduled)
            let promoted: @Sendable (JobTime) async throws -> JobTime? = { now in
                try await harness.store { store in
                    try store.promote(now: now)
                    return try store.nextDue()
                }
            }
            #expect(try await promoted(.zero) == .zero + .seconds(10))
            let now = JobTime.zero + .seconds(10)
            #expect(try await promoted(now) == .zero + .seconds(20))
            #expect(try await harness.claim(at: now).map(\.id) == [soon])
        }
    }
}
