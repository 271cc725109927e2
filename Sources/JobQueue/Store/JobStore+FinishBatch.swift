import Database

extension JobStore {
    /// Records the ends of many executions: of those that simply succeeded with a statement for all, of others one by
    /// one.
    ///
    /// - Returns: What `finish` answers for each, in their order.
    func finish(
        _ finishes: [Finish], ended: (EndedJob, any Transaction) throws -> Void
    ) throws -> [FinishResult] {
        let rows = try lockedRows(of: finishes.map(\.job.id))
        var results = [FinishResult?](repeating: nil, count: finishes.count)
        var successes: [Success] = []
        for (index, finish) in finishes.enumerated() {
            guard let row = rows[finish.job.id], let success = Success(finish, row) else { continue }
            successes.append(success)
            results[index] = .moved(.succeeded, dueAt: row.dueAt)
        }
        try record(successes, ended: ended)
        return try zip(results, finishes).map { result, finish in
            if let result { return result }
            return try self.finish(finish, ended: ended)
        }
    }

    /// In the order of their ids, as whoever locks several of them.
    private func lockedRows(of ids: [JobID]) throws -> [JobID: JobRow] {
        let rows = try transaction.query(
            """
            SELECT \(JobRow.columns) FROM jobs WHERE id IN \(list: ids) ORDER BY id \(transaction.dialect.forUpdate)
            """
        ).map(JobRow.init)
        return Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func record(_ successes: [Success], ended: (EndedJob, any Transaction) throws -> Void) throws {
        guard let now = successes.first?.finish.now else { return }
        for success in successes { try success.writes?(transaction) }
        let ids = successes.map(\.row.id)
        let changed = try transaction.execute(
            telling(
                """
                UPDATE jobs SET state = 'succeeded', executing = NULL, worker = NULL, ended_at = \(now), note = NULL
                WHERE id IN \(list: ids) AND state = 'running'
                """))
        // A service's own writes have touched a neighbour: told one by one, each sees what the others did.
        guard changed == ids.count else {
            throw DatabaseError(.conflict, "expected \(ids.count) running jobs to end, found \(changed)")
        }
        let locking = successes.filter { $0.row.keyCount > 0 }.map(\.row.id)
        if !locking.isEmpty { try transaction.execute("DELETE FROM job_locks WHERE job IN \(list: locking)") }
        try transaction.execute(
            """
            INSERT INTO job_attempts (job, fence, attempt, started_at, ended_at, outcome)
            SELECT id, fence, attempt, coalesce(started_at, \(now)), \(now), 'succeeded' FROM jobs WHERE id IN \(list: ids)
            """)
        try insertResults(of: successes)
        for success in successes { try end(success.row, as: .succeeded, at: now, ended) }
    }

    /// By powers of two, so that a handful of prepared statements serves all numbers of them.
    private func insertResults(of successes: [Success]) throws {
        var rest = successes.filter { !$0.result.isEmpty }[...]
        while !rest.isEmpty {
            let count = 1 << (Int.bitWidth - 1 - rest.count.leadingZeroBitCount)
            let rows = rest.prefix(count).map { [$0.row.id.databaseValue, $0.result.databaseValue] }
            try transaction.execute("INSERT INTO job_results (job, result) VALUES \(rows: rows)")
            rest = rest.dropFirst(count)
        }
    }
}

/// The end of an execution that still has its job, has succeeded, and that nobody has cancelled.
private struct Success {
    let finish: Finish
    let row: JobRow
    let result: [UInt8]
    let writes: JobOutcome.Writes?

    init?(_ finish: Finish, _ row: JobRow) {
        var machine = row.machine
        guard case .outcome(.succeeded(let result, let writes)) = finish.report, machine.fence == finish.job.fence,
            machine.apply(.succeeded), machine.state == .succeeded
        else { return nil }
        (self.finish, self.row, self.result, self.writes) = (finish, row, result, writes)
    }
}
