import Database

/// A job together with the right to run it.
struct ClaimedJob: Sendable {
    let id: JobID
    let kind: String
    let queue: String
    let fence: JobFence
    let attempt: Int
    let rescues: Int
    let keyCount: Int
    let deadline: Duration?
    let retry: RetryPolicy
    let parameters: [UInt8]
    let limit: JobLimit?

    /// One run of a job; the same job may run again while it has not ended.
    struct Execution: Hashable, Sendable {
        let job: JobID
        let fence: JobFence
    }

    var execution: Execution { Execution(job: id, fence: fence) }

    static let columns: SQL = """
        j.id, j.kind, j.queue, j.attempt, j.fence, j.rescues, j.key_count,
        p.parameters, p.deadline_ms, p.attempts_max, p.backoff_first_ms, p.backoff_max_ms, j.limit_key, p.limit_running, p.limit_starts, p.limit_period_ms
        """

    /// From the row as it was before the claim, which adds one to attempt and fence.
    init(beforeClaim row: Row) throws {
        id = try row.get("id")
        kind = try row.get("kind")
        queue = try row.get("queue")
        fence = try row.get("fence", as: JobFence.self).next
        attempt = try row.get("attempt", as: Int.self) + 1
        rescues = try row.get("rescues")
        keyCount = try row.get("key_count")
        deadline = try row.get("deadline_ms", as: Int64?.self).map { .milliseconds($0) }
        retry = RetryPolicy(
            attemptsMax: try row.get("attempts_max"),
            backoffFirst: .milliseconds(try row.get("backoff_first_ms", as: Int64.self)),
            backoffMax: .milliseconds(try row.get("backoff_max_ms", as: Int64.self)))
        parameters = try row.get("parameters")
        limit = try Self.limit(of: row)
    }

    static func limit(of row: Row) throws -> JobLimit? {
        try row.get("limit_key", as: String?.self).map { key in
            JobLimit(
                key: key, runningMax: try row.get("limit_running"), startsMax: try row.get("limit_starts"),
                per: .milliseconds(try row.get("limit_period_ms", as: Int64?.self) ?? 0))
        }
    }
}
