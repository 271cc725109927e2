import Database

/// The queue's statements, inside a transaction that somebody else has begun.
///
/// Every change of a job goes through `JobMachine`; the files beside this one hold one step each.
struct JobStore {
    let transaction: any Transaction
    /// Told of jobs that have changed beside the one a caller asked for.
    let changed: (JobID, JobState) -> Void

    init(_ transaction: any Transaction, changed: @escaping (JobID, JobState) -> Void = { _, _ in }) {
        self.transaction = transaction
        self.changed = changed
    }

    /// The row, to be changed: nobody else changes it until the end of the transaction.
    func row(of id: JobID) throws -> JobRow? {
        try transaction.queryOne(
            "SELECT \(JobRow.columns) FROM jobs WHERE id = \(id) \(transaction.dialect.forUpdate)"
        ).map(JobRow.init)
    }

    /// Refuses when the execution with this fence may not write any more, and notes durable progress.
    func confirmLease(of id: JobID, fence: JobFence) throws {
        guard let row = try row(of: id), row.machine.fence == fence, row.machine.state == .running else {
            throw JobError.leaseLost(id)
        }
        if row.machine.rescues > 0 {
            try transaction.execute("UPDATE jobs SET rescues = 0 WHERE id = \(id)")
        }
    }

    /// Makes a job that waits for its time due at this instant.
    ///
    /// - Returns: Its queue; nil where it does not wait, or is due already.
    func bringForward(_ id: JobID, to now: JobTime) throws -> String? {
        guard let row = try row(of: id), row.machine.state == .scheduled, row.dueAt > now else { return nil }
        try transaction.execute("UPDATE jobs SET due_at = \(now) WHERE id = \(id)")
        return row.queue
    }

    /// Frees what the execution with this fence held: its slot and its keys.
    func releaseExecution(of row: JobRow) throws {
        guard let executing = row.executing else { return }
        try transaction.execute("UPDATE jobs SET executing = NULL, worker = NULL WHERE id = \(row.id)")
        try releaseKeys(of: row, executing: executing)
    }

    func releaseKeys(of row: JobRow, executing: JobFence) throws {
        guard row.keyCount > 0 else { return }
        try transaction.execute("DELETE FROM job_locks WHERE job = \(row.id) AND fence = \(executing)")
    }
}
