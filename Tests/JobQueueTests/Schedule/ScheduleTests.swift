import Database
import StoreTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("schedules")
    struct ScheduleTests {
        @Test("submit a job at each instant, once, whoever looks", arguments: StoreEngine.allCases)
        func fires(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            // .zero is 2023-11-14T22:13:20Z.
            let nightly = try JobSchedule(name: "nightly", cron: "30 23 * * *", zone: "Europe/Berlin", job: .work())
            try await harness.store { try $0.put(nightly, now: .zero) }
            let due = JobTime.zero + .seconds(1_000)  // 22:30Z
            #expect(try await harness.store { try $0.nextDue() } == due)
            #expect(try await harness.store { try $0.fireSchedules(now: .zero + .seconds(999)) }.isEmpty)
            #expect(try await harness.store { try $0.fireSchedules(now: due) }.count == 1)
            #expect(try await harness.store { try $0.fireSchedules(now: due) }.isEmpty)
            #expect(try await harness.store { try $0.nextDue() } == due + .seconds(86_400))
            #expect(try await harness.store { try $0.removeSchedule("nightly") })
            #expect(try await harness.store { try $0.nextDue() } == nil)
        }

        @Test(
            "treat instants nobody was there for as they say", arguments: StoreEngine.allCases,
            [(JobSchedule.MissedRuns.skip, 0), (.once, 1), (.all, 30)])
        func missed(on engine: StoreEngine, _ row: (missed: JobSchedule.MissedRuns, count: Int)) async throws {
            let harness = try await StoreHarness(engine)
            let schedule = try JobSchedule(name: "tick", every: .seconds(120), missed: row.missed, job: .work())
            try await harness.store { try $0.put(schedule, now: .zero) }
            let back = JobTime.zero + .seconds(120 * 30 + 90)
            #expect(try await harness.store { try $0.fireSchedules(now: back) }.count == row.count)
            #expect(try await harness.store { try $0.nextDue() } == .zero + .seconds(120 * 31))
        }

        @Test("do not flood the queue after a clock jumped years ahead")
        func yearsAhead() throws {
            let schedule = try JobSchedule(name: "tick", every: .seconds(1), missed: .all, job: .work())
            let (run, next) = schedule.instants(from: .zero, now: .zero + .seconds(86_400 * 3_650))
            #expect(run.count <= JobSchedule.missedMax)
            #expect(next == .zero + .seconds(86_400 * 3_650 + 1))
        }

        @Test("are refused when they cannot be obeyed")
        func refused() {
            #expect(throws: ScheduleError.self) {
                try JobSchedule(name: "x", cron: "* * * * *", zone: "Mars", job: .work())
            }
            #expect(throws: ScheduleError.self) { try JobSchedule(name: "x", every: .zero, job: .work()) }
            var once = NewJob.work()
            once.uniqueKey = "once"
            #expect(throws: ScheduleError.self) { try JobSchedule(name: "x", every: .seconds(1), job: once) }
        }

        @Test("submit all of the job they were given", arguments: StoreEngine.allCases)
        func wholeJob(on engine: StoreEngine) async throws {
            let harness = try await StoreHarness(engine)
            var job = NewJob(
                kind: "work", queue: "night", parameters: [7], priority: 3,
                exclusiveKeys: ["account \"1\"", "browser"],
                deadline: .seconds(90),
                retry: RetryPolicy(attemptsMax: 4, backoffFirst: .seconds(2), backoffMax: .seconds(8)),
                rescue: .fail("not twice"))
            job.limit = JobLimit(key: "host", runningMax: 2, startsMax: 5, per: .seconds(30))
            let schedule = try JobSchedule(name: "whole", every: .seconds(60), job: job)
            try await harness.store { try $0.put(schedule, now: .zero) }
            let now = JobTime.zero + .seconds(60)
            let id = try #require(try await harness.store { try $0.fireSchedules(now: now) }.first)
            let claimed = try await harness.claim([QueueOptions(name: "night", concurrencyMax: 1)], at: now)
            let run = try #require(claimed.first)
            #expect(run.id == id)
            #expect(run.deadline == job.deadline)
            #expect(run.limit == job.limit)
            #expect(run.retry == job.retry)
            #expect(run.keyCount == 2)
            _ = try await harness.finish(run, .outcome(.failed(reason: "no")), at: now)
            let again = try await harness.store { try $0.resubmission(of: id) }
            #expect(Set(again.exclusiveKeys) == Set(job.exclusiveKeys))
            #expect(again.rescue == job.rescue)
            #expect(again.priority == job.priority)
        }

        @Test("run their jobs")
        func runs() async throws {
            let ran = Gate()
            let harness = try await EngineHarness(
                ScriptedHandler { _ in
                    ran.open()
                    return .succeeded()
                })
            try await harness.running {
                let schedule = try JobSchedule(name: "hourly", every: .seconds(3_600), job: .work())
                try await harness.store.database.write { try harness.queue.schedule(schedule, in: $0) }
                try await harness.clock.waitForSleepers(2)
                harness.clock.advance(by: .seconds(3_600))
                await ran.wait()
            }
        }
    }
}
