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
