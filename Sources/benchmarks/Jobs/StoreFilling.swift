import Database
import JobQueue

/// Makes a store as it is after long use: rows by plain statements, because a million jobs would take minutes.
enum StoreFilling {
    private static let batch = 50_000

    /// Adds jobs to an empty store, or to one that this has filled before.
    static func fill(_ database: any Database, finished: Int, ready: Int) async throws {
        try await database.migrate(JobSchema.migrations)
        for (state, count) in [("succeeded", finished), ("ready", ready)] {
            for first in stride(from: 0, to: count, by: batch) {
                let rows = min(batch, count - first)
                try await database.write { try add(rows, state, in: $0) }
            }
        }
        // After long use a server knows what its tables hold.
        if database.dialect == .postgreSQL { try await database.write { _ = try $0.execute("ANALYZE") } }
    }

    private static func add(_ rows: Int, _ state: String, in transaction: any Transaction) throws {
        let last: Int = try transaction.value("SELECT coalesce(max(id), 0) FROM jobs") ?? 0
        let endedAt = state == "succeeded" ? JobClock.system.now() : nil
        try transaction.execute(
            """
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(rows))
            INSERT INTO jobs (kind, queue, state, priority, due_at, created_at, ended_at)
            SELECT \(BenchmarkQueue.kind), 'default', \(state), 0, n, n, \(endedAt) FROM numbers
            """)
        try transaction.execute(
            """
            INSERT INTO job_payloads (job, parameters, attempts_max, backoff_first_ms, backoff_max_ms, rescue)
            SELECT id, \([UInt8]("{}".utf8)), 1, 0, 0, 'rerun' FROM jobs WHERE id > \(last)
            """)
    }
}
