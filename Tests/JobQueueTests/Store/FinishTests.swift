import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("ending an execution")
    struct FinishTests {
        private func claimed(_ harness: StoreHarness, _ job: NewJob = .work()) async throws -> ClaimedJob {
            try await harness.submit(job)
            return try #require(try await harness.claim().first)
        }

        @Test("keeps the result and the attempt, and frees the slot", arguments: StoreEngine.allCases)
        func succeeds(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let job = try await claimed(harness)
            let result = try await harness.finish(job, .outcome(.succeeded(result: [1, 2])))
            #expect(result == .moved(.succeeded, dueAt: .zero))
            let snapshot = try #require(try await harness.store { try $0.snapshot(of: job.id) })
            #expect(snapshot.state == .succeeded)
            #expect(snapshot.result == [1, 2])
            #expect(snapshot.endedAt == .zero)
            #expect(try await harness.count("SELECT count(*) FROM job_attempts WHERE outcome = 'succeeded'") == 1)
            #expect(try await harness.count("SELECT count(*) FROM jobs WHERE executing IS NOT NULL") == 0)
        }

        @Test("commits the caller's own writes with the outcome, or neither", arguments: StoreEngine.allCases)
        func alsoInTransaction(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            try await harness.database.write { try $0.execute("CREATE TABLE records (id BIGINT PRIMARY KEY)") }
            let job = try await claimed(harness)
            let failing = JobOutcome.succeeded { transaction in
                try transaction.execute("INSERT INTO records VALUES (1)")
                throw JobError.unknownJob(job.id)
            }
            await #expect(throws: JobError.self) { try await harness.finish(job, .outcome(failing)) }
            #expect(try await harness.state(of: job.id) == .running)
            #expect(try await harness.count("SELECT count(*) FROM records") == 0)
            let succeeding = JobOutcome.succeeded { try $0.execute("INSERT INTO records VALUES (1)") }
            _ = try await harness.finish(job, .outcome(succeeding))
            #expect(try await harness.count("SELECT count(*) FROM records") == 1)
        }

        @Test("retries by the policy until no attempt is left", arguments: StoreEngine.allCases)
        func retries(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let policy = RetryPolicy(attemptsMax: 2, backoffFirst: .seconds(10))
            let first = try await claimed(harness, NewJob(kind: "work", retry: policy))
            let due = JobTime.zero + .seconds(5)
            #expect(try await harness.finish(first, .outcome(.retry(reason: "no"))) == .moved(.scheduled, dueAt: due))
            try await harness.store { try $0.promote(now: due) }
            #expect(try await harness.store { try $0.nextDue() } == nil)
            let second = try #require(try await harness.claim(at: due).first)
            #expect(second.attempt == 2)
            let end = try await harness.finish(second, .outcome(.retry(reason: "never")), at: due)
            guard case .moved(.failed, _) = end else {
                Issue.record("expected a failed job, found \(end)")
                return
            }
            let snapshot = try #require(try await harness.store { try $0.snapshot(of: first.id) })
            #expect(snapshot.note == "never")
        }

        @Test("parks without costing an attempt or leaving one behind", arguments: StoreEngine.allCases)
        func parks(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let job = try await claimed(harness)
            let until = JobTime.zero + .seconds(60)
            let result = try await harness.finish(job, .outcome(.park(until: until, note: "rate limit")))
            #expect(result == .moved(.scheduled, dueAt: until))
            let snapshot = try #require(try await harness.store { try $0.snapshot(of: job.id) })
            #expect(snapshot.attempt == 0)
            #expect(snapshot.note == "rate limit")
            #expect(try await harness.count("SELECT count(*) FROM job_attempts") == 0)
        }

        // zombie A                 store                          B
        // claims, fence 1
        // (stalls)                 rescued, fence 2
        //                          claimed again, fence 3  ─────► runs
        // reports success ───────► 0 rows: lease lost
        //                          succeeded ◄─────────────────── reports success
        @Test("changes nothing when the lease is lost", arguments: StoreEngine.allCases)
        func zombie(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let zombie = try await claimed(harness)
            _ = try await harness.rescue()
            let successor = try #require(try await harness.claim().first)
            #expect(successor.fence == JobFence(rawValue: 3))
            let writes = Shared(0)
            let late = JobOutcome.failed(reason: "late") { _ in writes.change { $0 += 1 } }
            #expect(try await harness.finish(zombie, .outcome(late)) == .leaseLost)
            #expect(writes.value == 0)
            #expect(try await harness.state(of: zombie.id) == .running)
            await #expect(throws: JobError.leaseLost(zombie.id)) {
                try await harness.store { try $0.confirmLease(of: zombie.id, fence: zombie.fence) }
            }
            #expect(try await harness.finish(successor, .outcome(.succeeded())) == .moved(.succeeded, dueAt: .zero))
            #expect(try await harness.finish(successor, .outcome(.succeeded())) == .leaseLost)
        }

        @Test(
            "turns whatever is reported after a cancel into cancelled, without its writes",
            arguments: StoreEngine.allCases)
        func cancelWins(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let outcomes: [JobOutcome] = [
                .succeeded(result: [1]) { _ in Issue.record("writes of a cancelled job were run") },
                .failed(reason: "late"), .retry(reason: "late"), .park(until: .zero, note: "late"),
            ]
            for outcome in outcomes {
                let job = try await claimed(harness, NewJob(kind: "work", retry: RetryPolicy(attemptsMax: 9)))
                let answer = try await harness.store { try $0.cancel(job.id, now: .zero) { _, _ in } }
                #expect(answer == .cancelling)
                #expect(try await harness.finish(job, .outcome(outcome)) == .moved(.cancelled, dueAt: .zero))
                let snapshot = try #require(try await harness.store { try $0.snapshot(of: job.id) })
                #expect(snapshot.result == nil && snapshot.note == nil)
            }
        }

        @Test("cancels at once what has not begun, and leaves alone what has ended", arguments: StoreEngine.allCases)
        func cancelStates(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let ready = try await harness.submit(.work())
            let scheduled = try await harness.submit(.work(runAt: .zero + .seconds(9)))
            for id in [ready, scheduled] {
                #expect(try await harness.store { try $0.cancel(id, now: .zero) { _, _ in } } == .cancelled)
                let again = try await harness.store { try $0.cancel(id, now: .zero) { _, _ in } }
                #expect(again == .alreadyEnded(.cancelled))
            }
            let absent = JobID(rawValue: 999)
            #expect(try await harness.store { try $0.cancel(absent, now: .zero) { _, _ in } } == .unknown)
        }
    }
}
