import Database

@testable import JobQueue

extension JobSimulation {
    /// All that has to hold at every moment.
    mutating func check() throws {
        try checkJobs()
        try expectNone(
            "as many outcomes as ended jobs, one for each",
            """
            SELECT count(*) FROM jobs j WHERE
                (SELECT count(*) FROM outcomes o WHERE o.job = j.id AND o.state = j.state)
                <> CASE WHEN j.state IN ('succeeded', 'failed', 'cancelled') THEN 1 ELSE 0 END
            """)
        try expectNone(
            "results of succeeded jobs only",
            """
            SELECT count(*) FROM job_results WHERE job NOT IN (SELECT id FROM jobs WHERE state = 'succeeded')
            """)
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

    private mutating func checkJobs() throws {
        var states: [JobID: JobState] = [:]
        for row in try store.transaction.query("SELECT id, state FROM jobs") {
            states[try row.get("id")] = try row.get("state")
        }
        for id in acknowledged where states[id] == nil { throw violation("acknowledged job \(id) is lost") }
        for (id, end) in ends where states[id] != end { throw violation("job \(id) changed after it was \(end)") }
        for id in cancelled where states[id] != .cancelling && states[id] != .cancelled {
            throw violation("cancelled job \(id) is \(states[id]?.rawValue ?? "gone")")
        }
        for (id, state) in states where state.isTerminal { ends[id] = state }
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
