import Database

extension JobStore {
    func state(of id: JobID) throws -> JobState? {
        try transaction.value("SELECT state FROM jobs WHERE id = \(id)")
    }

    func snapshot(of id: JobID) throws -> JobSnapshot? {
        let row = try transaction.queryOne(
            """
            SELECT j.*, r.result AS result FROM jobs j LEFT JOIN job_results r ON r.job = j.id WHERE j.id = \(id)
            """)
        return try row.map(JobSnapshot.init)
    }

    /// A new job like one that has ended, to be started after it.
    func resubmission(of id: JobID) throws -> NewJob {
        let found = try transaction.queryOne(
            "SELECT j.*, p.* FROM jobs j JOIN job_payloads p ON p.job = j.id WHERE j.id = \(id)")
        guard let row = found else { throw JobError.unknownJob(id) }
        let state: JobState = try row.get("state")
        guard state.isTerminal else { throw JobError.notEnded(id, state) }
        let keys = try transaction.query("SELECT key FROM job_keys WHERE job = \(id)")
        var job = NewJob(
            kind: try row.get("kind"), queue: try row.get("queue"), parameters: try row.get("parameters"),
            priority: try row.get("priority"), uniqueKey: try row.get("unique_key"),
            exclusiveKeys: try keys.map { try $0.get("key") },
            deadline: try row.get("deadline_ms", as: Int64?.self).map { .milliseconds($0) },
            retry: RetryPolicy(
                attemptsMax: try row.get("attempts_max"),
                backoffFirst: .milliseconds(try row.get("backoff_first_ms", as: Int64.self)),
                backoffMax: .milliseconds(try row.get("backoff_max_ms", as: Int64.self))),
            rescue: try RescuePolicy(row), predecessor: id)
        job.limit = try ClaimedJob.limit(of: row)
        return job
    }
}
