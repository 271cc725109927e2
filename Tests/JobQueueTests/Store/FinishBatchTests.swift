import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("the ends of many executions at once")
    struct FinishBatchTests {
        private func finish(_ job: ClaimedJob, _ report: ExecutionReport) -> Finish {
            Finish(job: job, report: report, now: .zero + .seconds(5), random: 0)
        }

        @Test("are recorded as each of them alone would be", arguments: StoreEngine.allCases)
        func mixed(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            let queues = [QueueOptions(name: "default", concurrencyMax: 100)]
            for number in 0..<9 {
                var job = NewJob(kind: "work", exclusiveKeys: number < 3 ? ["key \(number)"] : [])
                job.retry.attemptsMax = 3
                try await harness.submit(job)
            }
            let jobs = try await harness.claim(queues)
            var dependent = NewJob.work()
            dependent.dependencies = [jobs[0].id, jobs[1].id]
            let waiting = try await harness.submit(dependent)
            _ = try await harness.store { try $0.cancel(jobs[5].id, now: .zero) { _, _ in } }
            _ = try await harness.store { try $0.withdraw(jobs[6].id, fence: jobs[6].fence, now: .zero) { _, _ in } }
            let ended = Shared<[JobID: JobState]>([:])
            let finishes = [
                finish(jobs[0], .outcome(.succeeded(result: [1]))), finish(jobs[1], .outcome(.succeeded(result: [2]))),
                finish(jobs[2], .outcome(.succeeded())), finish(jobs[3], .outcome(.failed(reason: "no"))),
                finish(jobs[4], .outcome(.retry(reason: "later"))), finish(jobs[5], .outcome(.succeeded(result: [5]))),
                finish(jobs[6], .outcome(.succeeded(result: [6]))), finish(jobs[7], .stopped),
                finish(jobs[8], .outcome(.succeeded(result: [8]))),
            ]
            let results = try await harness.store { store in
                try store.finish(finishes) { job, _ in ended.change { $0[job.id] = job.state } }
            }
            let states = results.map { if case .moved(let state, _) = $0 { state } else { JobState.blocked } }
            #expect(
                states == [
                    .succeeded, .succeeded, .succeeded, .failed, .scheduled, .cancelled, .blocked, .ready, .succeeded,
                ])
            #expect(results[6] == .leaseLost)
            #expect(ended.value[jobs[5].id] == .cancelled && ended.value[jobs[0].id] == .succeeded)
            #expect(ended.value.count == 6)
            #expect(try await harness.state(of: waiting) == .ready)
            #expect(try await harness.count("SELECT count(*) FROM job_results") == 3)
            #expect(try await harness.count("SELECT count(*) FROM job_locks") == 0)
            #expect(try await harness.count("SELECT count(*) FROM jobs WHERE executing IS NOT NULL") == 0)
            let check = StoreCheck(JobSchema.migrations, rules: JobRules.all(in: harness.database.dialect))
            let report = try await harness.database.read { try check.report(in: $0) }
            #expect(report.findings.isEmpty, "\(report.findings)")
        }

        @Test("of one job under two fences leave it to the newer", arguments: StoreEngine.allCases)
        func fences(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            try await harness.submit(.work())
            let old = try await harness.claim()[0]
            _ = try await harness.rescue()
            let new = try await harness.claim()[0]
            let finishes = [
                finish(old, .outcome(.succeeded(result: [1]))), finish(new, .outcome(.succeeded(result: [2]))),
            ]
            let results = try await harness.store { try $0.finish(finishes) { _, _ in } }
            #expect(results[0] == .leaseLost)
            let snapshot = try await harness.store { try $0.snapshot(of: old.id) }
            #expect(snapshot?.state == .succeeded && snapshot?.result == [2])
        }
    }
}
