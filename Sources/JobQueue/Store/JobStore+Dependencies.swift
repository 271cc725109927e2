import Database

extension JobStore {
    /// The jobs a new one has to wait for. They stay as they are until the end of the transaction, so none of them ends
    /// without seeing who waits.
    func openDependencies(of job: NewJob) throws -> [JobID] {
        let ids = Set(job.dependencies).sorted()
        guard ids.count <= JobLimits.dependenciesMax else {
            throw JobError.tooManyDependencies(ids.count, limit: JobLimits.dependenciesMax)
        }
        return try ids.filter { id in
            guard let row = try row(of: id) else { throw JobError.unknownJob(id) }
            switch row.machine.state {
            case .succeeded: return false
            case .failed, .cancelled, .cancelling: throw JobError.dependencyEnded(id, row.machine.state)
            case .blocked, .scheduled, .ready, .running: return true
            }
        }
    }

    func insert(_ dependencies: [JobID], of id: JobID) throws {
        guard !dependencies.isEmpty else { return }
        for dependency in dependencies {
            try transaction.execute("INSERT INTO job_dependencies (job, dependency) VALUES (\(id), \(dependency))")
        }
        try transaction.execute("UPDATE jobs SET has_dependents = 1 WHERE id IN \(list: dependencies)")
    }

    /// What follows from a job's end, in the transaction that ends it: its service is told, and those that waited for it
    /// start, or are cancelled with all that waits for them in turn.
    func end(
        _ row: JobRow, as state: JobState, reason: String? = nil, at time: JobTime,
        _ ended: (EndedJob, any Transaction) throws -> Void
    ) throws {
        try ended(row.ended(as: state, reason: reason, at: time), transaction)
        var failed: [JobID] = []
        if row.hasDependents {
            if state == .succeeded { try unblockDependents(of: row.id, now: time) } else { failed.append(row.id) }
        }
        while let id = failed.popLast() {
            for dependent in try dependents(of: id) where dependent.machine.state == .blocked {
                var machine = dependent.machine
                guard machine.apply(.cancelRequested) else { continue }
                let note = "job \(id), which it depends on, did not succeed"
                try write(machine, of: dependent, executing: nil, note: note, now: time)
                changed(dependent.id, machine.state)
                try ended(dependent.ended(as: .cancelled, reason: nil, at: time), transaction)
                if dependent.hasDependents { failed.append(dependent.id) }
            }
        }
    }

    private func unblockDependents(of id: JobID, now: JobTime) throws {
        for dependent in try dependents(of: id) where dependent.machine.state == .blocked {
            let left: Int? = try transaction.value(
                "UPDATE jobs SET waits_for = waits_for - 1 WHERE id = \(dependent.id) RETURNING waits_for")
            var machine = dependent.machine
            guard left == 0, machine.apply(.unblocked(isDue: dependent.dueAt <= now)) else { continue }
            try write(machine, of: dependent, executing: nil, note: nil, now: now)
            changed(dependent.id, machine.state)
        }
    }

    private func dependents(of id: JobID) throws -> [JobRow] {
        try transaction.query(
            """
            SELECT \(JobRow.columns) FROM jobs WHERE id IN (SELECT job FROM job_dependencies WHERE dependency = \(id))
            ORDER BY id \(transaction.dialect.forUpdate)
            """
        ).map(JobRow.init)
    }
}
