import Database

/// An event as another process wrote it.
struct StoredEvent: Sendable {
    let job: JobID
    let event: JobEvent
    let position: EventPosition
}

/// Where a reader of events is: behind the last one it has seen.
struct EventPosition: Hashable, Comparable, Sendable {
    /// The transaction that wrote it, and its number there.
    let transaction: UInt64
    let number: Int64

    static func < (left: Self, right: Self) -> Bool {
        (left.transaction, left.number) < (right.transaction, right.number)
    }
}

/// Which events a moment has seen: those of the transactions that had ended by then, as `pg_current_snapshot()` says
/// (`xmin:xmax:a,b,c`), and of its own transaction those written before.
///
/// Operations that are committed together are one transaction: what follows this moment may have its number.
struct TransactionSnapshot: Hashable, Sendable {
    /// All before it had ended.
    let oldestRunning: UInt64
    /// From this one on none had begun.
    let next: UInt64
    /// Those in between that had not, without our own.
    let running: Set<UInt64>
    /// The last event of our own transaction.
    let own: EventPosition

    init?(_ text: String, own: EventPosition) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let oldest = UInt64(parts[0]), let next = UInt64(parts[1]) else { return nil }
        (oldestRunning, self.next, self.own) = (oldest, next, own)
        running = Set(parts[2].split(separator: ",").compactMap { UInt64($0) })
    }

    func hasSeen(_ position: EventPosition) -> Bool {
        if position.transaction == own.transaction { return position.number <= own.number }
        return position.transaction < next && !running.contains(position.transaction)
    }
}

extension JobStore {
    /// A change of jobs that, where others watch them, also writes down their new states.
    func telling(_ update: SQL) -> SQL {
        switch transaction.dialect {
        case .sqlite: update
        case .postgreSQL:
            """
            WITH changed AS (\(update) RETURNING id, state)
            INSERT INTO job_events (job, state) SELECT id, state FROM changed
            """
        }
    }

    /// A change of jobs nobody has asked for by name: watchers hear of it here and elsewhere.
    func change(_ update: SQL) throws {
        let told: SQL =
            switch transaction.dialect {
            case .sqlite: "\(update) RETURNING id, state"
            case .postgreSQL:
                """
                WITH changed AS (\(update) RETURNING id, state),
                    told AS (INSERT INTO job_events (job, state) SELECT id, state FROM changed)
                SELECT id, state FROM changed
                """
            }
        for row in try transaction.query(told) { changed(try row.get("id"), try row.get("state")) }
    }

    /// Writes down progress for those who watch from elsewhere.
    func tell(_ progress: JobProgress, of id: JobID) throws {
        guard transaction.dialect == .postgreSQL else { return }
        try transaction.execute(
            """
            INSERT INTO job_events (job, done, total, note)
            VALUES (\(id), \(progress.done), \(progress.total), \(progress.note))
            """)
    }

    func snapshot() throws -> TransactionSnapshot {
        let row = try transaction.queryOne(
            """
            SELECT pg_current_snapshot()::text AS snapshot, pg_current_xact_id()::text AS own,
                (SELECT coalesce(max(id), 0) FROM job_events WHERE xid = pg_current_xact_id()) AS number
            """)
        guard let row, let own = UInt64(try row.get("own", as: String.self)),
            let snapshot = TransactionSnapshot(
                try row.get("snapshot"), own: EventPosition(transaction: own, number: try row.get("number")))
        else { throw DatabaseError(.decoding, "expected a snapshot, found \(String(describing: row))") }
        return snapshot
    }

    /// What follows a position, oldest first, as far as no transaction can come in between any more.
    func events(after position: EventPosition, limit: Int) throws -> [StoredEvent] {
        try transaction.query(
            """
            SELECT xid::text AS xid, id, job, state, done, total, note FROM job_events
            WHERE (xid, id) > (\(String(position.transaction))::xid8, \(position.number))
            AND xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY xid, id LIMIT \(limit)
            """
        ).map(StoredEvent.init)
    }

    /// Removes the oldest events; answers how many, `rowsMax` at most.
    func removeEvents(before time: JobTime, rowsMax: Int) throws -> Int {
        guard transaction.dialect == .postgreSQL else { return 0 }
        return try transaction.execute(
            """
            DELETE FROM job_events e USING (SELECT xid, id, at FROM job_events ORDER BY xid, id LIMIT \(rowsMax)) oldest
            WHERE e.xid = oldest.xid AND e.id = oldest.id AND oldest.at < \(time)
            """)
    }
}

extension StoredEvent {
    init(_ row: Row) throws {
        job = try row.get("job")
        guard let transaction = UInt64(try row.get("xid", as: String.self)) else {
            throw DatabaseError(.decoding, "expected the number of a transaction")
        }
        position = EventPosition(transaction: transaction, number: try row.get("id"))
        if let state = try row.get("state", as: JobState?.self) {
            event = .state(state)
        } else {
            event = .progress(
                JobProgress(done: try row.get("done"), total: try row.get("total"), note: try row.get("note")))
        }
    }
}
