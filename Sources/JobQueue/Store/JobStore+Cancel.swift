import Database

extension JobStore {
    /// Asks a job to become cancelled.
    ///
    ///     caller          store                       execution
    ///     cancel ───────► ready → cancelled
    ///     cancel ───────► running → cancelling ─────► asked to stop
    ///                     cancelling → cancelled ◄─── ends (its outcome no longer matters)
    ///                     cancelling → cancelled      or 10 s pass: the fence moves, its writes change no row
    func cancel(
        _ id: JobID, now: JobTime, ended: (EndedJob, any Transaction) throws -> Void
    ) throws -> CancelResult {
        guard let row = try row(of: id) else { return .unknown }
        if row.machine.state.isTerminal { return .alreadyEnded(row.machine.state) }
        var machine = row.machine
        guard machine.apply(.cancelRequested) else { return .cancelling }
        try write(machine, of: row, executing: row.executing, note: nil, now: now)
        guard machine.state == .cancelled else { return .cancelling }
        try end(row, as: .cancelled, at: now, ended)
        return .cancelled
    }

    /// Takes the job from an execution that does not end. Its slot and keys stay with it until it does.
    ///
    /// - Returns: The job's new state; nil when the execution had lost or finished it already.
    func withdraw(
        _ id: JobID, fence: JobFence, now: JobTime, ended: (EndedJob, any Transaction) throws -> Void
    ) throws -> JobState? {
        guard let row = try row(of: id), row.machine.fence == fence else { return nil }
        var machine = row.machine
        guard machine.apply(.graceOver) else { return nil }
        try write(machine, of: row, executing: row.executing, note: nil, now: now)
        if machine.state == .cancelled {
            try insertAttempt(of: row, outcome: "abandoned", reason: nil, now: now)
            try end(row, as: .cancelled, at: now, ended)
        }
        return machine.state
    }

    /// Ends an execution that never began.
    func giveBack(
        _ execution: ClaimedJob.Execution, now: JobTime, ended: (EndedJob, any Transaction) throws -> Void
    ) throws {
        guard let row = try row(of: execution.job), row.executing == execution.fence else { return }
        var machine = row.machine
        guard machine.fence == execution.fence, machine.apply(.stopped) else { return try releaseExecution(of: row) }
        try write(machine, of: row, executing: nil, note: nil, now: now)
        try releaseKeys(of: row, executing: execution.fence)
        if machine.state == .cancelled {
            try end(row, as: .cancelled, at: now, ended)
        }
    }
}
