import Database
import DatabasePostgreSQL
import DatabaseSQLite
import Logging
import PostgreSQLTesting
import TestSupport

@testable import ExportService

/// A store that an earlier version has written, by its last words before it was killed.
enum OldStore: CaseIterable, Sendable {
    case first
    case second
    case secondOnServer

    /// Ended long ago, with its file: `finished`; failed, called back in vain; cancelled; was running; was waiting, with
    /// its rows in the request.
    static let finished = "2c3a54f7120a0d31f847d43f2c9725b6"
    static let failed = "11111111111111111111111111111111"
    static let cancelled = "22222222222222222222222222222222"
    static let running = "33333333333333333333333333333333"
    static let waiting = "44444444444444444444444444444444"

    /// An empty place for it.
    func open(in directory: TemporaryDirectory, logger: Logger) async throws -> any Database {
        switch self {
        case .first, .second: return try SQLiteDatabase(path: directory.path("store.sqlite"), logger: logger)
        case .secondOnServer:
            let address = try await PostgreSQLTrait.current.makeDatabase()
            return PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: address), logger: logger)
        }
    }

    /// - Parameters:
    ///   - source: What the running export crawls.
    ///   - now: In milliseconds.
    func write(in database: any Database, source: String, callback: String, now: Int64) async throws {
        try await database.write { transaction in
            for statement in schema { try transaction.execute(statement) }
            try Self.addJobs(now, transaction)
            try Self.addExports(source: source, callback: callback, now, transaction)
            try transaction.execute(
                """
                INSERT INTO outbox (message_id, url, headers, body, state, attempt, due_at, created_at)
                VALUES ('msg_old', \(callback), '{"content-type":"application/json"}', \(Array("{}".utf8)), 'waiting', 3,
                    \(now), \(now))
                """)
            if self != .first { try transaction.execute("INSERT INTO job_queues (name) VALUES ('export')") }
        }
    }

    private var schema: [SQL] {
        switch self {
        case .first: OldSchemas.first
        case .second: OldSchemas.second
        case .secondOnServer: OldSchemas.secondOnServer
        }
    }

    private static func addJobs(_ now: Int64, _ transaction: any Transaction) throws {
        let states = ["succeeded", "failed", "cancelled", "running", "ready"]
        let keys = [finished, failed, cancelled, running, waiting]
        for (state, key) in zip(states, keys) {
            let hasEnded = ["succeeded", "failed", "cancelled"].contains(state)
            let fence = state == "ready" ? 0 : 1
            let id: Int =
                try transaction.value(
                    """
                    INSERT INTO jobs (kind, queue, state, priority, due_at, attempt, fence, executing, key_count,
                        unique_key, created_at, started_at, ended_at)
                    VALUES ('export', 'export', \(state), 0, \(now), \(fence), \(fence),
                        \(state == "running" ? fence : nil), 1, \(key), \(now), \(fence == 1 ? now : nil),
                        \(hasEnded ? now : nil))
                    RETURNING id
                    """) ?? 0
            try transaction.execute(
                """
                INSERT INTO job_payloads (job, parameters, deadline_ms, attempts_max, backoff_first_ms, backoff_max_ms,
                    rescue)
                VALUES (\(id), \(Array(key.utf8)), 3600000, 1, 1000, 1000, 'rerun')
                """)
            try transaction.execute("INSERT INTO job_keys (job, key) VALUES (\(id), \(key))")
            if state == "running" {
                try transaction.execute("INSERT INTO job_locks (key, job, fence) VALUES (\(key), \(id), 1)")
            }
            guard hasEnded else { continue }
            try transaction.execute(
                """
                INSERT INTO job_attempts (job, fence, attempt, started_at, ended_at, outcome)
                VALUES (\(id), 1, 1, \(now), \(now), \(state))
                """)
        }
    }

    private static func addExports(
        source: String, callback: String, _ now: Int64, _ transaction: any Transaction
    ) throws {
        let http = """
            {"callback":"","ext_type":"CSV","source_http":{"header":{},"method":"GET","param":{"limit":10},\
            "url":"\(source)"},"timestamp":1625106204,"title":"old","user_id":"123"}
            """
        let raw = #"""
            {"callback":"","ext_type":"CSV","source_raw":"[{\"n\":\"Number\"},{\"n\":7}]","timestamp":1625106204,\#
            "title":"old","user_id":"123"}
            """#
        let records = [(finished, 2), (failed, 3), (cancelled, 4), (running, 1), (waiting, 1)]
        for (index, (key, status)) in records.enumerated() {
            let isRaw = key == waiting
            try transaction.execute(
                """
                INSERT INTO exports (hash_key, user_id, title, ext_type, source_type, callback, job, status, fail_reason,
                    created_at, updated_at, rows_written, total_rows, files, bytes, artifact, expires_at)
                VALUES (\(key), '123', 'old', 'CSV', \(isRaw ? "raw" : "http"), \(status == 3 ? callback : nil),
                    \(index + 1), \(status), \(status == 3 ? "its source was gone" : ""), \(now), \(now),
                    \(status == 2 ? 500 : 0), \(status == 2 ? 500 : nil), \(status == 2 ? 1 : 0), \(status == 2 ? 5 : 0),
                    \(status == 2 ? "202109/06/\(key).zip" : nil), \(status == 2 ? now + 3_600_000 : nil))
                """)
            let body = Array((isRaw ? raw : http).utf8)
            try transaction.execute("INSERT INTO export_requests (export, body) VALUES (\(index + 1), \(body))")
        }
    }
}
