import Database

/// What a process learns with its heartbeat.
struct Heartbeat: Sendable {
    /// False when it was taken for dead, and its jobs were given to others.
    let isKnown: Bool
    /// Fences of the executions the store knows of this process.
    let executing: [JobID: JobFence]
    /// Those whose job is to be cancelled.
    let cancelling: [JobID]
}

extension JobStore {
    /// A process is named by what it claims under; `livingSince` is the instant since which one has to be heard of.
    func register(_ worker: String, now: JobTime) throws {
        try transaction.execute(
            "INSERT INTO job_workers (id, started_at, heartbeat_at) VALUES (\(worker), \(now), \(now))")
    }

    /// Called when all its executions have ended.
    func unregister(_ worker: String) throws {
        try transaction.execute("DELETE FROM job_workers WHERE id = \(worker)")
        try transaction.execute("UPDATE job_leader SET until = 0 WHERE worker = \(worker)")
    }

    func heartbeat(of worker: String, now: JobTime, livingSince: JobTime) throws -> Heartbeat {
        let changed = try transaction.execute(
            """
            UPDATE job_workers SET heartbeat_at = \(now)
            WHERE id = \(worker) AND heartbeat_at >= \(livingSince)
            """)
        var executing: [JobID: JobFence] = [:]
        var cancelling: [JobID] = []
        let rows = try transaction.query(
            "SELECT id, executing, state FROM jobs WHERE worker = \(worker) AND executing IS NOT NULL")
        for row in rows {
            let id: JobID = try row.get("id")
            executing[id] = try row.get("executing")
            if try row.get("state", as: JobState.self) == .cancelling { cancelling.append(id) }
        }
        return Heartbeat(isKnown: changed == 1, executing: executing, cancelling: cancelling)
    }

    /// Whether this process counts as living; it stays so until the end of the transaction.
    func isLiving(_ worker: String, since livingSince: JobTime) throws -> Bool {
        let found = try transaction.queryOne(
            """
            SELECT 1 FROM job_workers WHERE id = \(worker) AND heartbeat_at >= \(livingSince)
            \(transaction.dialect.forShare)
            """)
        return found != nil
    }

    /// Leads from now on, or goes on to, unless another process does.
    ///
    /// - Returns: The term, which grows with every change; nil for those who follow.
    func lead(as worker: String, now: JobTime, until: JobTime) throws -> Int? {
        try transaction.value(
            """
            UPDATE job_leader SET term = term + CASE WHEN worker = \(worker) THEN 0 ELSE 1 END, worker = \(worker),
                until = \(until)
            WHERE id = 1 AND (worker = \(worker) OR until < \(now)) RETURNING term
            """)
    }

    /// Whether the term is still this one; it stays so until the end of the transaction.
    func isLeading(term: Int) throws -> Bool {
        try transaction.queryOne(
            "SELECT 1 FROM job_leader WHERE id = 1 AND term = \(term) \(transaction.dialect.forShare)") != nil
    }

    /// Forgets processes that are dead and have no jobs left.
    func removeDeadWorkers(livingSince: JobTime) throws {
        try transaction.execute(
            """
            DELETE FROM job_workers AS w WHERE heartbeat_at < \(livingSince)
            AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.worker = w.id AND j.executing IS NOT NULL)
            """)
    }
}
