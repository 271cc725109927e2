import Database

@testable import JobQueue

extension JobSimulation {
    /// All that has to hold at every moment.
    mutating func check() throws {
        try checkJobs()
        for rule in rules {
            let breaches = try store.transaction.query(rule.breaches).count
            if breaches > 0 { throw violation("expected that \(rule.text), found \(breaches) rows that differ") }
        }
        try expectNone(
            "a message for each end, and none for anything else",
            """
            SELECT count(*) FROM jobs j WHERE
                (SELECT count(*) FROM outbox o WHERE o.job = j.id AND o.url = \(Self.callback) || j.state)
                <> CASE WHEN j.state IN ('succeeded', 'failed', 'cancelled') THEN 1 ELSE 0 END
                OR (SELECT count(*) FROM outbox o WHERE o.job = j.id) > 1
            """)
        try expectNone(
            "one job for each instant of a schedule",
            """
            SELECT count(*) FROM jobs j JOIN jobs other ON other.unique_key = j.unique_key AND other.id > j.id
            WHERE j.unique_key LIKE \(Self.schedule + "@%") AND j.predecessor IS NULL AND other.predecessor IS NULL
            """)
        let limited = try count(
            "SELECT count(*) FROM jobs WHERE limit_key = \(Self.limits[0].key) AND executing IS NOT NULL")
        if limited > 1 { throw violation("expected one execution of a limit, found \(limited)") }
        try expectNone(
            "locks of executions only, all that they want",
            """
            SELECT count(*) FROM jobs j WHERE
                (SELECT count(*) FROM job_locks l WHERE l.job = j.id AND l.fence = j.executing)
                <> CASE WHEN j.executing IS NULL THEN 0 ELSE j.key_count END
            """)
        try expectNone(
            "no lock without an execution",
            "SELECT count(*) FROM job_locks l JOIN jobs j ON j.id = l.job WHERE j.executing IS NULL")
        let executing = try count("SELECT count(*) FROM jobs WHERE executing IS NOT NULL")
        if executing > Self.cap { throw violation("expected at most \(Self.cap) executions, found \(executing)") }
        try checkRights()
    }

    mutating func checkJobs() throws {
        var states: [JobID: JobState] = [:]
        for row in try store.transaction.query("SELECT id, state, ended_at FROM jobs") {
            let (id, state): (JobID, JobState) = (try row.get("id"), try row.get("state"))
            states[id] = state
            guard let endedAt = try row.get("ended_at", as: JobTime?.self) else { continue }
            if let end = ends[id], end.state != state { throw violation("job \(id) changed after it was \(end.state)") }
            ends[id] = (state, endedAt)
        }
        for (id, end) in ends where states[id] != end.state {
            if states[id] == nil, let sweptBefore, end.at < sweptBefore { continue }
            throw violation("job \(id) was \(end.state) and is \(states[id]?.rawValue ?? "gone")")
        }
        for id in acknowledged where states[id] == nil && ends[id] == nil {
            throw violation("acknowledged job \(id) is lost")
        }
        for id in cancelled {
            let state = states[id] ?? ends[id]?.state
            guard state == .cancelling || state == .cancelled else {
                throw violation("cancelled job \(id) is \(state?.rawValue ?? "gone")")
            }
        }
    }

    /// Of all executions that exist somewhere, at most one may still write.
    private func checkRights() throws {
        var holders: [JobID: Int] = [:]
        for job in processes.flatMap({ $0.live + $0.zombies }) {
            guard let row = try store.row(of: job.id) else { continue }
            if row.machine.fence == job.fence, row.machine.state.isExecuting { holders[job.id, default: 0] += 1 }
        }
        for (id, count) in holders where count > 1 { throw violation("\(count) executions may write to job \(id)") }
    }

    /// Without further faults every job comes to its end.
    mutating func heal() throws {
        for place in processes.indices { processes[place].zombies = [] }
        _ = try store.removeSchedule(Self.schedule)
        for _ in 0..<200 {
            if try count("SELECT count(*) FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')") == 0 {
                return
            }
            for place in processes.indices {
                try beat(place)
                try lead(place)
                try claim(place)
                while !processes[place].live.isEmpty { try finish(place, .outcome(.succeeded())) }
            }
            now = now + .seconds(4)
        }
        let rest = try store.transaction.query(
            "SELECT id, state FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')")
        let words = try rest.map { "\(try $0.get("id", as: Int.self)) \(try $0.get("state", as: String.self))" }
        throw violation("stuck: \(words.joined(separator: ", "))")
    }

    private func expectNone(_ promise: String, _ query: SQL) throws {
        let found = try count(query)
        if found != 0 { throw violation("expected \(promise), found \(found) jobs that differ") }
    }

    private func count(_ query: SQL) throws -> Int { try store.transaction.value(query) ?? 0 }
}
