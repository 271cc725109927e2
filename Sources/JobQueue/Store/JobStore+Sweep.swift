import Database

/// Instants before which things that have ended are removed.
struct SweepCutoffs: Sendable {
    let succeeded: JobTime
    let failed: JobTime
    let cancelled: JobTime
    let messages: JobTime
    let events: JobTime

    init(_ retention: JobRetention, now: JobTime) {
        succeeded = now - retention.succeeded
        failed = now - retention.failed
        cancelled = now - retention.cancelled
        messages = now - retention.messages
        events = now - retention.events
    }
}

extension JobStore {
    /// Removes old jobs with all they own, and old messages.
    ///
    /// - Returns: Rows removed, `rowsMax` at most; call again as long as it is not 0.
    func sweep(_ cutoffs: SweepCutoffs, rowsMax: Int) throws -> Int {
        var removed = try transaction.execute(
            """
            DELETE FROM outbox WHERE id IN (
                SELECT id FROM outbox WHERE state IN ('delivered', 'failed') AND ended_at < \(cutoffs.messages)
                ORDER BY ended_at LIMIT \(rowsMax))
            """)
        removed += try removeEvents(before: cutoffs.events, rowsMax: rowsMax - removed)
        removed += try DeliveryLog(transaction).sweep(before: cutoffs.messages, rowsMax: rowsMax - removed)
        removed += try removeWindows(before: cutoffs.succeeded, rowsMax: rowsMax - removed)
        guard removed < rowsMax else { return removed }
        for id in try endedJobs(cutoffs, limit: rowsMax - removed) {
            removed += try removeParts(of: id, rowsMax: rowsMax - removed)
            guard removed < rowsMax else { break }
            // Last, so that a job interrupted by the limit is found again.
            removed += try transaction.execute("DELETE FROM jobs WHERE id = \(id)")
            guard removed < rowsMax else { break }
        }
        return removed
    }

    /// Windows of limits that nobody has begun anything in since then, and that no job waits for.
    private func removeWindows(before time: JobTime, rowsMax: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM job_limits WHERE key IN (
                SELECT key FROM job_limits WHERE window_at < \(time) AND key NOT IN (
                    SELECT limit_key FROM jobs WHERE limit_key IS NOT NULL
                    AND state IN ('blocked', 'scheduled', 'ready', 'running', 'cancelling'))
                LIMIT \(rowsMax))
            """)
    }

    private func endedJobs(_ cutoffs: SweepCutoffs, limit: Int) throws -> [JobID] {
        try transaction.query(
            """
            SELECT id FROM jobs WHERE executing IS NULL AND (
                (state = 'succeeded' AND ended_at < \(cutoffs.succeeded))
                OR (state = 'failed' AND ended_at < \(cutoffs.failed))
                OR (state = 'cancelled' AND ended_at < \(cutoffs.cancelled)))
            AND state IN ('succeeded', 'failed', 'cancelled')
            LIMIT \(limit)
            """
        ).map { try $0.get("id") }
    }

    private func removeParts(of id: JobID, rowsMax: Int) throws -> Int {
        var removed = 0
        let statements: [(Int) -> SQL] = [
            { limit in
                """
                DELETE FROM job_attempts WHERE job = \(id) AND fence IN (
                    SELECT fence FROM job_attempts WHERE job = \(id) LIMIT \(limit))
                """
            },
            { limit in
                """
                DELETE FROM job_keys WHERE job = \(id) AND key IN (
                    SELECT key FROM job_keys WHERE job = \(id) LIMIT \(limit))
                """
            },
            { limit in
                """
                DELETE FROM job_dependencies WHERE job = \(id) AND dependency IN (
                    SELECT dependency FROM job_dependencies WHERE job = \(id) LIMIT \(limit))
                """
            },
            { _ in "DELETE FROM job_payloads WHERE job = \(id)" },
            { _ in "DELETE FROM job_results WHERE job = \(id)" },
            { _ in "DELETE FROM job_progress WHERE job = \(id)" },
        ]
        for statement in statements {
            guard removed < rowsMax else { return removed }
            removed += try transaction.execute(statement(rowsMax - removed))
        }
        return removed
    }
}
