import Crypto
package import Database
import Foundation

/// What the outbox remembers: reads it, and begins deliveries anew.
package struct DeliveryLog {
    /// The most attempts of one message that are shown, the newest.
    package static let attemptsMax = 100
    /// The most messages that one replay takes.
    package static let replayMax = 1_000
    /// How long an attempt's error may be.
    static let errorCharactersMax = 500

    private let transaction: any Transaction

    package init(_ transaction: any Transaction) { self.transaction = transaction }

    /// Deliveries, the newest first.
    ///
    /// - Parameter after: The id of a delivery; only older ones are wanted.
    package func list(_ filter: DeliveryFilter, after: String?, limit: Int) throws -> [Delivery] {
        let older: SQL = after.map { "AND id < (SELECT id FROM outbox WHERE message_id = \($0))" } ?? ""
        return try transaction.query(
            """
            SELECT message_id, url, state, attempt, created_at, due_at, ended_at, last_status, last_error
            FROM outbox WHERE id > 0 \(filter.conditions) \(older) ORDER BY id DESC LIMIT \(max(limit, 0))
            """
        ).map(Delivery.init)
    }

    /// One delivery with what is sent; nil if there is none of that id.
    package func message(_ id: String) throws -> (delivery: Delivery, body: [UInt8])? {
        try transaction.queryOne("SELECT * FROM outbox WHERE message_id = \(id)").map {
            (try Delivery($0), try $0.get("body"))
        }
    }

    /// The attempts of a delivery, the newest first.
    package func attempts(of id: String) throws -> [DeliveryAttempt] {
        try transaction.query(
            """
            SELECT attempt, started_at, duration_ms, status, error FROM outbox_attempts
            WHERE message = (SELECT id FROM outbox WHERE message_id = \(id))
            ORDER BY id DESC LIMIT \(Self.attemptsMax)
            """
        ).map(DeliveryAttempt.init)
    }

    /// Queues ended deliveries again, the oldest first, under their old ids; their receivers are tried again even if they
    /// had said that they are gone.
    ///
    /// - Returns: How many, and whether there are more.
    func replay(_ filter: DeliveryFilter, now: JobTime) throws -> (count: Int, more: Bool) {
        let rows = try transaction.query(
            """
            SELECT id, url FROM outbox WHERE state IN ('delivered', 'failed') \(filter.conditions)
            ORDER BY id LIMIT \(Self.replayMax + 1)
            """)
        let taken = rows.prefix(Self.replayMax)
        let ids = try taken.map { try $0.get("id", as: Int64.self) }
        guard !ids.isEmpty else { return (0, false) }
        try transaction.execute(
            """
            UPDATE outbox SET state = 'waiting', attempt = 0, due_at = \(now), ended_at = NULL
            WHERE state <> 'waiting' AND id IN \(list: ids)
            """)
        let hashes = Set(try taken.map { Self.hash(try $0.get("url")) })
        try transaction.execute("DELETE FROM outbox_endpoints WHERE url_hash IN \(list: hashes)")
        return (ids.count, rows.count > taken.count)
    }

    /// Forgets all messages that a secret signs, those that wait too: nobody is told any more.
    package func forget(signedBy secret: String) throws {
        try transaction.execute(
            "DELETE FROM outbox_attempts WHERE message IN (SELECT id FROM outbox WHERE secret = \(secret))")
        try transaction.execute("DELETE FROM outbox WHERE secret = \(secret)")
    }

    func record(_ attempt: DeliveryAttempt, of message: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO outbox_attempts (message, attempt, started_at, duration_ms, status, error)
            VALUES (\(message), \(attempt.attempt), \(attempt.startedAt), \(attempt.duration.wholeMilliseconds),
                \(attempt.status), \(attempt.error.map { String($0.prefix(Self.errorCharactersMax)) }))
            """)
    }

    /// The receiver is gone and says so (410): nothing is sent there any more, what waits has failed.
    func disable(_ url: String, now: JobTime) throws {
        let hash = Self.hash(url)
        try transaction.execute(
            """
            INSERT INTO outbox_endpoints (url_hash, url, disabled_at) VALUES (\(hash), \(url), \(now))
            ON CONFLICT (url_hash) DO UPDATE SET disabled_at = excluded.disabled_at
            """)
        try transaction.execute(
            """
            UPDATE outbox SET state = 'failed', ended_at = \(now), last_error = \(Self.goneText)
            WHERE state = 'waiting' AND url = \(url)
            """)
    }

    func isDisabled(_ url: String) throws -> Bool {
        try transaction.queryOne("SELECT url FROM outbox_endpoints WHERE url_hash = \(Self.hash(url))") != nil
    }

    /// Removes attempts that began before then and whose message is gone, and receivers that were disabled before then.
    ///
    /// - Returns: Rows removed, `rowsMax` at most.
    func sweep(before cutoff: JobTime, rowsMax: Int) throws -> Int {
        let removed = try transaction.execute(
            """
            DELETE FROM outbox_attempts WHERE id IN (
                SELECT a.id FROM outbox_attempts a WHERE a.started_at < \(cutoff)
                AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = a.message)
                ORDER BY a.started_at LIMIT \(rowsMax))
            """)
        return try removed
            + transaction.execute(
                """
                DELETE FROM outbox_endpoints WHERE url_hash IN (
                    SELECT url_hash FROM outbox_endpoints WHERE disabled_at < \(cutoff) LIMIT \(rowsMax - removed))
                """)
    }

    static let goneText = "its receiver has answered 410, it is gone; a replay tries it again"

    private static func hash(_ url: String) -> String { Data(SHA256.hash(data: Array(url.utf8))).base64EncodedString() }
}
