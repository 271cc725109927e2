import Database

/// What a job may want at most.
enum JobLimits {
    static let exclusiveKeysMax = 16
    static let dependenciesMax = 100
}

extension JobStore {
    /// Adds a job, or finds the one that holds its unique key. Policy `replace` needs the other's end: see the engine.
    func submit(_ job: NewJob, now: JobTime) throws -> JobSubmission {
        let keys = Set(job.exclusiveKeys)
        guard keys.count <= JobLimits.exclusiveKeysMax else {
            throw JobError.tooManyExclusiveKeys(keys.count, limit: JobLimits.exclusiveKeysMax)
        }
        var job = job
        if let existing = try holder(of: job.uniqueKey, kind: job.kind) {
            guard try stand(&job, behind: existing) else { return JobSubmission(id: existing, isExisting: true) }
        }
        let waitsFor = try openDependencies(of: job)
        guard let id = try insert(job, keyCount: keys.count, waitsFor: waitsFor.count, now: now) else {
            // Another process was quicker, and its job is visible now.
            guard job.uniquePolicy == .returnExisting, let existing = try holder(of: job.uniqueKey, kind: job.kind)
            else { throw DatabaseError(.conflict, "another job with the same unique key came meanwhile") }
            return JobSubmission(id: existing, isExisting: true)
        }
        for key in keys {
            try transaction.execute("INSERT INTO job_keys (job, key) VALUES (\(id), \(key))")
        }
        try insert(waitsFor, of: id)
        return JobSubmission(id: id, isExisting: false)
    }

    /// The job that holds a unique key, or the last one that stands in line for it.
    func holder(of key: String?, kind: String) throws -> JobID? {
        guard let key else { return nil }
        let last: JobID?? = try transaction.value(
            """
            SELECT max(id) FROM jobs WHERE kind = \(kind) AND queued_key = \(key) AND queued_key IS NOT NULL
            AND state IN ('blocked', 'scheduled', 'ready', 'running')
            """)
        if let last = last ?? nil { return last }
        return try transaction.value(
            """
            SELECT id FROM jobs WHERE kind = \(kind) AND unique_key = \(key)
            AND state IN ('blocked', 'scheduled', 'ready', 'running')
            """)
    }

    /// - Returns: False when the job that holds the key stands for this one.
    private func stand(_ job: inout NewJob, behind existing: JobID) throws -> Bool {
        switch job.uniquePolicy {
        case .returnExisting: return false
        case .fail: throw JobError.uniqueKeyTaken(by: existing)
        case .replace:
            throw DatabaseError(.misuse, "expected job \(existing) to give its unique key away, found it holding it")
        case .queue:
            // Whoever comes at the same time waits here, and finds this job at the end of the line.
            guard let row = try row(of: existing), row.machine.state.holdsUniqueKey else {
                throw DatabaseError(.conflict, "the job with the same unique key has just ended")
            }
            job.predecessor = existing
            return true
        }
    }

    /// The job and its payload.
    ///
    /// - Returns: nil when its unique key is taken.
    private func insert(_ job: NewJob, keyCount: Int, waitsFor: Int, now: JobTime) throws -> JobID? {
        let row = insertion(of: job, keyCount: keyCount, waitsFor: waitsFor, now: now)
        switch transaction.dialect {
        case .sqlite:
            guard let id: JobID = try transaction.value("\(row) RETURNING id") else { return nil }
            try transaction.execute("\(Self.payloadInsertion) VALUES (\(id), \(payload(of: job)))")
            return id
        case .postgreSQL:
            // One round trip less.
            return try transaction.value(
                """
                WITH made AS (\(row) RETURNING id),
                payload AS (\(Self.payloadInsertion) SELECT id, \(payload(of: job)) FROM made)
                SELECT id FROM made
                """)
        }
    }

    private func insertion(of job: NewJob, keyCount: Int, waitsFor: Int, now: JobTime) -> SQL {
        let dueAt = max(job.runAt ?? now, now)
        let state: JobState = waitsFor > 0 ? .blocked : dueAt > now ? .scheduled : .ready
        let isInLine = job.uniquePolicy == .queue && job.predecessor != nil
        return """
            INSERT INTO jobs (kind, queue, state, priority, due_at, key_count, unique_key, queued_key, predecessor,
                limit_key, waits_for, created_at)
            VALUES (\(job.kind), \(job.queue), \(state), \(job.priority), \(dueAt), \(keyCount),
                \(isInLine ? nil : job.uniqueKey), \(isInLine ? job.uniqueKey : nil), \(job.predecessor),
                \(job.limit?.key), \(waitsFor), \(now))
            ON CONFLICT DO NOTHING
            """
    }

    private static let payloadInsertion: SQL = """
        INSERT INTO job_payloads (job, parameters, deadline_ms, attempts_max, backoff_first_ms, backoff_max_ms, rescue,
            rescue_reason, limit_running, limit_starts, limit_period_ms)
        """

    /// All its columns but the job.
    private func payload(of job: NewJob) -> SQL {
        let (rescue, reason) = job.rescue.stored
        return """
            \(job.parameters), \(job.deadline?.wholeMilliseconds), \(job.retry.attemptsMax),
            \(job.retry.backoffFirst.wholeMilliseconds), \(job.retry.backoffMax.wholeMilliseconds), \(rescue),
            \(reason), \(job.limit?.runningMax), \(job.limit?.startsMax), \(job.limit?.period.wholeMilliseconds)
            """
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
