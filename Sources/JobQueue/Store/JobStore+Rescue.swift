import Database

/// What a rescue found.
struct RescueReport: Hashable, Sendable {
    var runAgain = 0
    var failed = 0
    var cancelled = 0
    /// Where there is work again.
    var queues: Set<String> = []
}

extension JobStore {
    /// Jobs rescued by one transaction, at most.
    static let rescuedMax = 500

    /// Decides over jobs whose process is dead: all that execute where there is only one process, which has just
    /// started; else those of processes that were not heard of for too long.
    ///
    /// - Parameter livingSince: When a process has to have been heard of to count as living; nil where there is only one.
    /// - Returns: nil when there was nothing left to do.
    func rescue(
        rescuesMax: Int, now: JobTime, livingSince: JobTime? = nil, ended: (EndedJob, any Transaction) throws -> Void
    ) throws -> RescueReport? {
        let rows = try transaction.query(
            """
            SELECT \(JobRow.columns), rescue, rescue_reason FROM jobs JOIN job_payloads ON job = id
            WHERE executing IS NOT NULL \(ofDeadWorkers(livingSince: livingSince)) LIMIT \(Self.rescuedMax)
            \(transaction.dialect.forUpdateSkippingLocked(of: "jobs"))
            """)
        guard !rows.isEmpty else { return nil }
        var report = RescueReport()
        for found in rows {
            let row = try JobRow(found)
            guard row.machine.state.isExecuting else {
                try releaseExecution(of: row)
                continue
            }
            let policy = try RescuePolicy(found)
            let state = try rescue(row, policy: policy, rescuesMax: rescuesMax, now: now, ended: ended)
            switch state {
            case .failed: report.failed += 1
            case .cancelled: report.cancelled += 1
            default:
                report.runAgain += 1
                report.queues.insert(row.queue)
            }
        }
        return report
    }

    private func ofDeadWorkers(livingSince: JobTime?) -> SQL {
        guard let livingSince else { return "" }
        return """
            AND NOT EXISTS (
                SELECT 1 FROM job_workers w WHERE w.id = jobs.worker AND w.heartbeat_at >= \(livingSince))
            """
    }

    private func rescue(
        _ row: JobRow, policy: RescuePolicy, rescuesMax: Int, now: JobTime,
        ended: (EndedJob, any Transaction) throws -> Void
    ) throws -> JobState {
        var machine = row.machine
        guard machine.apply(.rescued(policy, rescuesMax: rescuesMax)) else {
            throw DatabaseError(.misuse, "expected job \(row.id) to be executing, found \(machine.state.rawValue)")
        }
        let reason = machine.state == .failed ? Self.reason(policy, rescues: machine.rescues) : nil
        try write(machine, of: row, executing: nil, note: reason, now: now)
        try releaseKeys(of: row, executing: row.executing ?? row.machine.fence)
        try insertAttempt(of: row, outcome: "lost", reason: reason, now: now)
        if policy == .rerun, machine.state == .ready {
            try transaction.execute("DELETE FROM job_progress WHERE job = \(row.id)")
        }
        if machine.state.isTerminal {
            try end(row, as: machine.state, reason: reason, at: now, ended)
        }
        return machine.state
    }

    private static func reason(_ policy: RescuePolicy, rescues: Int) -> String {
        if case .fail(let reason) = policy { return reason }
        return "the process ended \(rescues) times under this job without progress in between"
    }
}
