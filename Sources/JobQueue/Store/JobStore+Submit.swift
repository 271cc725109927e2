import Database

/// What a job may want at most.
enum JobLimits {
    static let exclusiveKeysMax = 16
}

extension JobStore {
    /// Adds a job, or finds the one that holds its unique key.
    func submit(_ job: NewJob, now: JobTime) throws -> JobSubmission {
        let keys = Set(job.exclusiveKeys)
        guard keys.count <= JobLimits.exclusiveKeysMax else {
            throw JobError.tooManyExclusiveKeys(keys.count, limit: JobLimits.exclusiveKeysMax)
        }
        if let existing = try holder(of: job.uniqueKey, kind: job.kind) {
            return JobSubmission(id: existing, isExisting: true)
        }
        guard let id = try insert(job, keyCount: keys.count, now: now) else {
            // Another process was quicker, and its job is visible now.
            if let existing = try holder(of: job.uniqueKey, kind: job.kind) {
                return JobSubmission(id: existing, isExisting: true)
            }
            throw DatabaseError(.conflict, "another job with the same unique key has come and gone meanwhile")
        }
        try insertPayload(of: job, id: id)
        for key in keys {
            try transaction.execute("INSERT INTO job_keys (job, key) VALUES (\(id), \(key))")
        }
        return JobSubmission(id: id, isExisting: false)
    }

    private func holder(of key: String?, kind: String) throws -> JobID? {
        guard let key else { return nil }
        return try transaction.value(
            """
            SELECT id FROM jobs WHERE kind = \(kind) AND unique_key = \(key)
            AND state IN ('blocked', 'scheduled', 'ready', 'running')
            """)
    }

    /// - Returns: nil when its unique key is taken.
    private func insert(_ job: NewJob, keyCount: Int, now: JobTime) throws -> JobID? {
        let dueAt = max(job.runAt ?? now, now)
        let state: JobState = dueAt > now ? .scheduled : .ready
        return try transaction.value(
            """
            INSERT INTO jobs (kind, queue, state, priority, due_at, key_count, unique_key, predecessor, created_at)
            VALUES (\(job.kind), \(job.queue), \(state), \(job.priority), \(dueAt), \(keyCount),
                \(job.uniqueKey), \(job.predecessor), \(now))
            ON CONFLICT DO NOTHING RETURNING id
            """)
    }

    private func insertPayload(of job: NewJob, id: JobID) throws {
        let deadline = job.deadline?.wholeMilliseconds
        let (rescue, reason) = job.rescue.stored
        try transaction.execute(
            """
            INSERT INTO job_payloads (job, parameters, deadline_ms, attempts_max, backoff_first_ms, backoff_max_ms,
                rescue, rescue_reason)
            VALUES (\(id), \(job.parameters), \(deadline), \(job.retry.attemptsMax),
                \(job.retry.backoffFirst.wholeMilliseconds), \(job.retry.backoffMax.wholeMilliseconds),
                \(rescue), \(reason))
            """)
    }
}

extension RescuePolicy {
    /// As two columns.
    var stored: (word: String, reason: String?) {
        switch self {
        case .resume: ("resume", nil)
        case .rerun: ("rerun", nil)
        case .fail(let reason): ("fail", reason)
        }
    }

    init(_ row: Row) throws {
        switch try row.get("rescue", as: String.self) {
        case "resume": self = .resume
        case "rerun": self = .rerun
        default: self = .fail(try row.get("rescue_reason", as: String?.self) ?? "the process ended")
        }
    }
}
