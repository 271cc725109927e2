import Database
import Foundation

/// A message that is to be delivered now.
struct DueMessage: Sendable {
    let id: Int64
    let messageID: String
    let message: OutboxMessage
    /// Attempts made so far.
    let attempt: Int
}

/// The outbox's statements.
struct OutboxStore {
    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    func insert(_ message: OutboxMessage, dueAt: JobTime, now: JobTime) throws {
        let messageID = "msg_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let headers = String(decoding: try JSONEncoder().encode(message.headers), as: UTF8.self)
        let isGone = try DeliveryLog(transaction).isDisabled(message.url)
        try transaction.execute(
            """
            INSERT INTO outbox (message_id, url, headers, body, secret, job, state, due_at, created_at, ended_at,
                last_error)
            VALUES (\(messageID), \(message.url), \(headers), \(message.body), \(message.secret), \(message.job),
                \(isGone ? "failed" : "waiting"), \(dueAt), \(now), \(isGone ? now : nil),
                \(isGone ? DeliveryLog.goneText : nil))
            """)
    }

    /// Takes the oldest due messages, without those this process is making an attempt for.
    ///
    /// - Parameter heldUntil: when the messages are due for other processes, should this one never say what became of them;
    ///   nil if there are no others.
    func take(now: JobTime, except inFlight: Set<Int64>, heldUntil: JobTime?, limit: Int) throws -> [DueMessage] {
        let messages = try transaction.query(
            """
            SELECT * FROM outbox WHERE state = 'waiting' AND due_at <= \(now) AND id NOT IN \(list: exclusion(inFlight))
            ORDER BY due_at, id LIMIT \(max(limit, 0)) \(heldUntil == nil ? "" : skippingLocked)
            """
        ).map(Self.message)
        if let heldUntil, !messages.isEmpty {
            try transaction.execute(
                "UPDATE outbox SET due_at = \(heldUntil) WHERE id IN \(list: messages.map(\.id))")
        }
        return messages
    }

    private var skippingLocked: SQL { transaction.dialect.forUpdateSkippingLocked(of: "outbox") }

    func nextDue(except inFlight: Set<Int64>) throws -> JobTime? {
        let time: JobTime?? = try transaction.value(
            "SELECT min(due_at) FROM outbox WHERE state = 'waiting' AND id NOT IN \(list: exclusion(inFlight))")
        return time ?? nil
    }

    func recordSuccess(_ id: Int64, attempt: Int, status: Int, now: JobTime) throws {
        try transaction.execute(
            """
            UPDATE outbox SET state = 'delivered', attempt = \(attempt), ended_at = \(now), last_status = \(status),
                last_error = NULL
            WHERE id = \(id) AND state = 'waiting'
            """)
    }

    /// - Parameter nextAt: nil when no attempt is left.
    func recordFailure(_ id: Int64, attempt: Int, status: Int?, error: String, nextAt: JobTime?, now: JobTime) throws {
        try transaction.execute(
            """
            UPDATE outbox SET state = \(nextAt == nil ? "failed" : "waiting"), attempt = \(attempt),
                due_at = \(nextAt ?? now), ended_at = \(nextAt == nil ? now : nil), last_status = \(status),
                last_error = \(error)
            WHERE id = \(id) AND state = 'waiting'
            """)
    }

    /// `NOT IN` an empty list would be NOT IN (NULL), which is never true; ids begin at 1.
    private func exclusion(_ ids: Set<Int64>) -> [Int64] { ids.isEmpty ? [0] : Array(ids) }

    private static func message(_ row: Row) throws -> DueMessage {
        let headers = try JSONDecoder().decode(
            [String: String].self, from: Data(try row.get("headers", as: String.self).utf8))
        return DueMessage(
            id: try row.get("id"), messageID: try row.get("message_id"),
            message: OutboxMessage(
                url: try row.get("url"), body: try row.get("body"), headers: headers, secret: try row.get("secret")),
            attempt: try row.get("attempt"))
    }
}
