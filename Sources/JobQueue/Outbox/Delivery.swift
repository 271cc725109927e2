import Database

/// What became of a message so far.
package struct Delivery: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case waiting, delivered, failed
    }

    /// The `webhook-id`.
    package let id: String
    package let url: String
    package let state: State
    /// Attempts since it was queued, or since its last replay.
    package let attempts: Int
    package let createdAt: JobTime
    /// When the next attempt is due; nil once it has ended.
    package let nextAt: JobTime?
    package let endedAt: JobTime?
    /// Of the last attempt.
    package let status: Int?
    package let error: String?

    init(_ row: Row) throws {
        id = try row.get("message_id")
        url = try row.get("url")
        state = State(rawValue: try row.get("state")) ?? .failed
        attempts = try row.get("attempt")
        createdAt = try row.get("created_at")
        nextAt = state == .waiting ? try row.get("due_at") : nil
        endedAt = try row.get("ended_at")
        status = try row.get("last_status")
        error = try row.get("last_error")
    }
}

/// One attempt to deliver a message.
package struct DeliveryAttempt: Sendable, Equatable {
    /// 1 for the first since it was queued or replayed.
    package let attempt: Int
    package let startedAt: JobTime
    package let duration: Duration
    /// What the receiver answered; nil without an answer.
    package let status: Int?
    /// nil for a success.
    package let error: String?

    init(attempt: Int, startedAt: JobTime, duration: Duration, status: Int?, error: String?) {
        self.attempt = attempt
        self.startedAt = startedAt
        self.duration = duration
        self.status = status
        self.error = error
    }

    init(_ row: Row) throws {
        attempt = try row.get("attempt")
        startedAt = try row.get("started_at")
        duration = .milliseconds(try row.get("duration_ms", as: Int64.self))
        status = try row.get("status")
        error = try row.get("error")
    }
}

/// Which deliveries.
package struct DeliveryFilter: Sendable, Equatable {
    package var id: String?
    package var state: Delivery.State?
    package var url: String?
    /// The name of the secret that signs it.
    package var secret: String?
    /// Queued at or after.
    package var since: JobTime?
    /// Queued before.
    package var until: JobTime?

    package init() {}

    /// The conditions, each with `AND` in front.
    var conditions: SQL {
        let id: SQL = id.map { "AND message_id = \($0)" } ?? ""
        let state: SQL = state.map { "AND state = \($0.rawValue)" } ?? ""
        let url: SQL = url.map { "AND url = \($0)" } ?? ""
        let secret: SQL = secret.map { "AND secret = \($0)" } ?? ""
        let since: SQL = since.map { "AND created_at >= \($0)" } ?? ""
        let until: SQL = until.map { "AND created_at < \($0)" } ?? ""
        return "\(id) \(state) \(url) \(secret) \(since) \(until)"
    }
}
