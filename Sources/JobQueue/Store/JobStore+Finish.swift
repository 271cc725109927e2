import Database

/// What an execution reports at its end.
enum ExecutionReport: Sendable {
    case outcome(JobOutcome)
    /// It ended because it was asked to, without an outcome.
    case stopped
}

/// What became of the report.
enum FinishResult: Hashable, Sendable {
    /// The job is in this state now; due at that time when it is scheduled.
    case moved(JobState, dueAt: JobTime)
    /// The job had been taken from the execution; slot and keys are free now, nothing else has changed.
    case leaseLost
}

/// The end of an execution, as it is written.
struct Finish: Sendable {
    let job: ClaimedJob
    let report: ExecutionReport
    var now: JobTime
    /// 0 ..< 1, for the jitter of a retry.
    let random: Double
}

extension JobStore {
    /// Records how an execution ended, and frees its slot and keys.
    ///
    /// - Parameter ended: Called when the job has come to its end, in this transaction.
    func finish(_ finish: Finish, ended: (EndedJob, any Transaction) throws -> Void) throws -> FinishResult {
        let job = finish.job
        guard let row = try row(of: job.id) else { return .leaseLost }
        guard row.machine.fence == job.fence, row.machine.state.isExecuting else {
            if row.executing == job.fence { try releaseExecution(of: row) }
            return .leaseLost
        }
        var machine = row.machine
        guard machine.apply(finish.event) else { return .leaseLost }
        let wasCancelling = row.machine.state == .cancelling
        if !wasCancelling { try finish.writes?(transaction) }
        let dueAt = finish.dueAt(after: machine) ?? row.dueAt
        let note = wasCancelling ? nil : finish.note
        try write(machine, of: row, executing: nil, dueAt: dueAt, note: note, now: finish.now)
        try releaseKeys(of: row, executing: job.fence)
        if finish.isAttempt {
            try insertAttempt(of: row, outcome: finish.word(for: machine.state), reason: note, now: finish.now)
        }
        if machine.state == .succeeded, let result = finish.result, !result.isEmpty {
            try transaction.execute("INSERT INTO job_results (job, result) VALUES (\(job.id), \(result))")
        }
        if machine.state.isTerminal {
            try end(row, as: machine.state, reason: note, at: finish.now, ended)
        }
        return .moved(machine.state, dueAt: dueAt)
    }

    /// Writes what the machine has decided. The fence in the condition is the one the decision was made on.
    func write(
        _ machine: JobMachine, of row: JobRow, executing: JobFence?, dueAt: JobTime? = nil, note: String?, now: JobTime
    ) throws {
        let endedAt = machine.state.isTerminal ? now : nil
        let worker = executing == nil ? nil : row.worker
        let changed = try transaction.execute(
            telling(
                """
                UPDATE jobs SET state = \(machine.state), attempt = \(machine.attempt), fence = \(machine.fence),
                    rescues = \(machine.rescues), executing = \(executing), worker = \(worker),
                    due_at = \(dueAt ?? row.dueAt), ended_at = \(endedAt), note = \(note)
                WHERE id = \(row.id) AND fence = \(row.machine.fence)
                """))
        guard changed == 1 else { throw JobError.leaseLost(row.id) }
    }

    func insertAttempt(of row: JobRow, outcome: String, reason: String?, now: JobTime) throws {
        try transaction.execute(
            """
            INSERT INTO job_attempts (job, fence, attempt, started_at, ended_at, outcome, reason)
            VALUES (\(row.id), \(row.machine.fence), \(row.machine.attempt), \(row.startedAt ?? now), \(now),
                \(outcome), \(reason))
            """)
    }
}

extension JobRow {
    func ended(as state: JobState, reason: String?, at time: JobTime) -> EndedJob {
        EndedJob(id: id, kind: kind, state: state, reason: state == .failed ? reason : nil, endedAt: time)
    }
}

extension Finish {
    fileprivate var event: JobMachine.Event {
        switch report {
        case .outcome(.succeeded): .succeeded
        case .outcome(.failed): .failed
        case .outcome(.retry): .attemptFailed(attemptsMax: job.retry.attemptsMax)
        case .outcome(.park): .parked
        case .stopped: .stopped
        }
    }

    fileprivate var writes: JobOutcome.Writes? {
        switch report {
        case .outcome(.succeeded(_, let writes)), .outcome(.failed(_, let writes)): writes
        default: nil
        }
    }

    fileprivate var result: [UInt8]? {
        if case .outcome(.succeeded(let result, _)) = report { result } else { nil }
    }

    fileprivate var note: String? {
        switch report {
        case .outcome(.failed(let reason, _)), .outcome(.retry(let reason, _)): reason
        case .outcome(.park(_, let note)): note
        case .outcome(.succeeded), .stopped: nil
        }
    }

    /// Parked and given-back executions leave no attempt behind.
    fileprivate var isAttempt: Bool {
        switch report {
        case .outcome(.park), .stopped: false
        case .outcome: true
        }
    }

    fileprivate func word(for state: JobState) -> String { state == .scheduled ? "retried" : state.rawValue }

    fileprivate func dueAt(after machine: JobMachine) -> JobTime? {
        guard machine.state == .scheduled else { return nil }
        switch report {
        case .outcome(.park(let until, _)): return until
        case .outcome(.retry(_, let after)):
            return now + (after ?? job.retry.backoff(afterAttempt: job.attempt, random: random))
        default: return nil
        }
    }
}
