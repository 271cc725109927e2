import Database

extension JobStore {
    /// Takes one execution of what a limit allows; a job that has to wait for a window gets its instant.
    ///
    /// - Parameter taken: Executions taken, but not yet written down as such.
    func takeShare(of limit: JobLimit, for id: JobID, besides taken: Int, now: JobTime) throws -> Bool {
        var window = try lockedWindow(of: limit.key, now: now)
        if let runningMax = limit.runningMax {
            let running: Int =
                try transaction.value(
                    "SELECT count(*) FROM jobs WHERE limit_key = \(limit.key) AND executing IS NOT NULL") ?? 0
            guard running + taken < runningMax else { return false }
        }
        guard let startsMax = limit.startsMax else { return true }
        if window.begin + limit.period <= now { window = (now, 0) }
        guard window.starts < startsMax else {
            try change("UPDATE jobs SET state = 'scheduled', due_at = \(window.begin + limit.period) WHERE id = \(id)")
            return false
        }
        try transaction.execute(
            "UPDATE job_limits SET window_at = \(window.begin), starts = \(window.starts + 1) WHERE key = \(limit.key)")
        return true
    }

    /// The window under way; other processes wait until the transaction is over.
    private func lockedWindow(of key: String, now: JobTime) throws -> (begin: JobTime, starts: Int) {
        try transaction.execute(
            "INSERT INTO job_limits (key, window_at, starts) VALUES (\(key), \(now), 0) ON CONFLICT (key) DO NOTHING")
        let row = try transaction.queryOne(
            "SELECT window_at, starts FROM job_limits WHERE key = \(key) \(transaction.dialect.forUpdate)")
        guard let row else { throw DatabaseError(.decoding, "expected the window of a limit, found none") }
        return (try row.get("window_at"), try row.get("starts"))
    }
}
