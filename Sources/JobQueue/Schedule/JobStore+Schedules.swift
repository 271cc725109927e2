import Database
import Foundation

extension JobStore {
    /// Adds a schedule, or changes the one of that name; what was missed so far is forgotten.
    func put(_ schedule: JobSchedule, now: JobTime) throws {
        let job = schedule.job
        let (rescue, reason) = job.rescue.stored
        let keys = try JobSchedule.stored(job.exclusiveKeys)
        _ = try removeSchedule(schedule.name)
        try transaction.execute(
            """
            INSERT INTO job_schedules (name, rule, zone, missed, next_at, kind, queue, parameters, priority, deadline_ms,
                attempts_max, backoff_first_ms, backoff_max_ms, rescue, rescue_reason, exclusive_keys,
                limit_key, limit_running, limit_starts, limit_period_ms)
            VALUES (\(schedule.name), \(schedule.rule.text), \(schedule.zoneName), \(schedule.missed.rawValue),
                \(schedule.next(after: now)), \(job.kind), \(job.queue), \(job.parameters), \(job.priority),
                \(job.deadline?.wholeMilliseconds), \(job.retry.attemptsMax),
                \(job.retry.backoffFirst.wholeMilliseconds), \(job.retry.backoffMax.wholeMilliseconds),
                \(rescue), \(reason), \(keys),
                \(job.limit?.key), \(job.limit?.runningMax), \(job.limit?.startsMax),
                \(job.limit?.period.wholeMilliseconds))
            """)
    }

    /// A schedule, and when it is due; nil: never again.
    func schedule(_ name: String) throws -> (schedule: JobSchedule, nextAt: JobTime?)? {
        try transaction.queryOne("SELECT * FROM job_schedules WHERE name = \(name)").map {
            (try JobSchedule($0), try $0.get("next_at"))
        }
    }

    /// - Returns: False when there was none.
    func removeSchedule(_ name: String) throws -> Bool {
        try transaction.execute("DELETE FROM job_schedules WHERE name = \(name)") == 1
    }

    /// Submits what is due. Of several processes one does it; an instant has one job, however often it is looked at.
    @discardableResult
    func fireSchedules(now: JobTime) throws -> [JobID] {
        let due = try transaction.query(
            """
            SELECT * FROM job_schedules WHERE next_at <= \(now) ORDER BY next_at
            \(transaction.dialect.forUpdateSkippingLocked(of: "job_schedules"))
            """)
        var submitted: [JobID] = []
        for row in due {
            let schedule = try JobSchedule(row)
            let (run, next) = schedule.instants(from: try row.get("next_at"), now: now)
            for instant in run {
                var job = schedule.job
                job.uniqueKey = "\(schedule.name)@\(instant.milliseconds)"
                submitted.append(try submit(job, now: now).id)
            }
            try transaction.execute("UPDATE job_schedules SET next_at = \(next) WHERE name = \(schedule.name)")
        }
        return submitted
    }
}

extension JobSchedule.Rule {
    private static let every = "@every "

    /// As it is stored.
    var text: String {
        switch self {
        case .cron(_, let text): text
        case .every(let interval): Self.every + "\(interval.wholeMilliseconds)"
        }
    }

    init(stored text: String) throws {
        if text.hasPrefix(Self.every), let milliseconds = Int64(text.dropFirst(Self.every.count)) {
            self = .every(.milliseconds(milliseconds))
        } else {
            self = .cron(try CronExpression(text), text: text)
        }
    }
}

extension JobSchedule {
    init(_ row: Row) throws {
        self.init(
            name: try row.get("name"), rule: try Rule(stored: row.get("rule")),
            zone: try row.get("zone"),
            missed: MissedRuns(rawValue: try row.get("missed")) ?? .once,
            job: try Self.job(of: row))
    }

    private static func job(of row: Row) throws -> NewJob {
        var retry = RetryPolicy(attemptsMax: try row.get("attempts_max"))
        if let first = try row.get("backoff_first_ms", as: Int64?.self) { retry.backoffFirst = .milliseconds(first) }
        if let max = try row.get("backoff_max_ms", as: Int64?.self) { retry.backoffMax = .milliseconds(max) }
        let isStored = try row.get("rescue", as: String?.self) != nil
        var job = NewJob(
            kind: try row.get("kind"), queue: try row.get("queue"), parameters: try row.get("parameters"),
            priority: try row.get("priority"),
            exclusiveKeys: try row.get("exclusive_keys", as: String?.self).map(exclusiveKeys) ?? [],
            deadline: try row.get("deadline_ms", as: Int64?.self).map { .milliseconds($0) },
            retry: retry, rescue: isStored ? try RescuePolicy(row) : .rerun)
        job.limit = try ClaimedJob.limit(of: row)
        return job
    }

    fileprivate static func stored(_ keys: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(keys), as: UTF8.self)
    }

    private static func exclusiveKeys(_ stored: String) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(stored.utf8))
    }
}
