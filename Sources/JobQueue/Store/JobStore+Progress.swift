import Database

/// Progress that is not stored yet.
struct ProgressUpdate: Sendable {
    let id: JobID
    let fence: JobFence
    let progress: JobProgress
    /// Counts for the poison guard.
    var isLasting = true
}

extension JobStore {
    /// Stores progress of executions that still have their job; skips the others.
    func store(_ updates: [ProgressUpdate], now: JobTime) throws {
        for update in updates {
            guard let row = try row(of: update.id), row.machine.fence == update.fence, row.machine.state.isExecuting
            else { continue }
            try store(update.progress, of: update.id, now: now)
            if update.isLasting, row.machine.rescues > 0 {
                try transaction.execute("UPDATE jobs SET rescues = 0 WHERE id = \(update.id)")
            }
        }
    }

    func store(_ progress: JobProgress, of id: JobID, now: JobTime) throws {
        try transaction.execute(
            """
            INSERT INTO job_progress (job, done, total, note, updated_at)
            VALUES (\(id), \(progress.done), \(progress.total), \(progress.note), \(now))
            ON CONFLICT (job) DO UPDATE SET
                done = excluded.done, total = excluded.total, note = excluded.note, updated_at = excluded.updated_at
            """)
        try tell(progress, of: id)
    }

    func progress(of id: JobID) throws -> JobProgress? {
        guard let row = try transaction.queryOne("SELECT done, total, note FROM job_progress WHERE job = \(id)")
        else { return nil }
        return JobProgress(done: try row.get("done"), total: try row.get("total"), note: try row.get("note"))
    }
}
