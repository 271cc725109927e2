import Database
import Testing

@testable import JobQueue

@Suite("executions of this process")
struct LiveExecutionsTests {
    private func job(_ id: Int64, deadline: Duration? = nil) throws -> ClaimedJob {
        let values: [(String, DatabaseValue)] = [
            ("id", .integer(id)), ("kind", .text("work")), ("queue", .text("default")), ("fence", .integer(0)),
            ("attempt", .integer(0)), ("rescues", .integer(0)), ("key_count", .integer(0)), ("parameters", .blob([])),
            ("deadline_ms", deadline.map { .integer($0.wholeMilliseconds) } ?? .null), ("attempts_max", .integer(1)),
            ("backoff_first_ms", .integer(0)), ("backoff_max_ms", .integer(0)), ("limit_key", .null),
        ]
        return try ClaimedJob(beforeClaim: Row(columns: values.map(\.0), values: values.map(\.1)))
    }

    @Test("count per queue from their start to their end")
    func counts() throws {
        var live = LiveExecutions()
        live.add(try job(1), stop: StopSwitch(), now: .zero)
        live.add(try job(2), stop: StopSwitch(), now: .zero)
        #expect(live.count(in: "default") == 2)
        live.remove(try job(1))
        live.remove(try job(1))
        #expect(live.count(in: "default") == 1)
        #expect(live.count(in: "other") == 0)
    }

    @Test("are stopped at their deadline, once")
    func deadline() throws {
        var live = LiveExecutions()
        live.add(try job(1, deadline: .seconds(5)), stop: StopSwitch(), now: .zero)
        #expect(live.nextTick == .zero + .seconds(5))
        let actions = [4, 5, 6].map { live.tick(now: .zero + .seconds($0)).count }
        #expect(actions == [0, 1, 0])
        #expect(live.nextTick == nil)
    }

    @Test("lose their job once, when a grace is over")
    func grace() throws {
        var live = LiveExecutions()
        let id = JobID(rawValue: 1)
        live.add(try job(1), stop: StopSwitch(), now: .zero)
        let graceEndsAt = JobTime.zero + .seconds(10)
        let asked = (0..<2).map { _ in live.requestStop(id, .cancelled, graceEndsAt: graceEndsAt) != nil }
        #expect(asked == [true, false])
        guard case .withdraw(id, JobFence(rawValue: 1))? = live.tick(now: graceEndsAt).first else {
            Issue.record("expected the job to be taken from its execution")
            return
        }
        let later = live.tick(now: graceEndsAt + .seconds(1))
        #expect(later.isEmpty)
        #expect(live.count == 1)
    }

    @Test("are cancelled even when shutdown asked first, and not the other way round")
    func cancelOutranks() throws {
        var live = LiveExecutions()
        let id = JobID(rawValue: 1)
        live.add(try job(1), stop: StopSwitch(), now: .zero)
        let reasons: [StopReason] = [.shutdown, .cancelled, .shutdown]
        let asked = reasons.map { live.requestStop(id, $0, graceEndsAt: .zero + .seconds(10)) != nil }
        #expect(asked == [true, true, false])
        #expect(live[id]?.stopReason == .cancelled)
    }
}
