package import Database
package import JobQueue
package import ServiceContracts

/// Reads and writes records inside a transaction.
package struct ExportStore {
    private let transaction: any Transaction

    package init(_ transaction: any Transaction) {
        self.transaction = transaction
    }

    package func record(key: HashKey) throws -> ExportRecord? {
        try transaction.queryOne("SELECT * FROM exports WHERE hash_key = \(key.text)").map(ExportRecord.init)
    }

    /// The same, to be changed: nobody else changes it until the end of the transaction.
    func lockedRecord(key: HashKey) throws -> ExportRecord? {
        try transaction.queryOne(
            "SELECT * FROM exports WHERE hash_key = \(key.text) \(transaction.dialect.forUpdate)"
        ).map(ExportRecord.init)
    }

    /// The record a job works on, to be changed; nil when another job has taken its place.
    package func lockedRecord(job: JobID) throws -> ExportRecord? {
        try transaction.queryOne(
            "SELECT * FROM exports WHERE job = \(job) \(transaction.dialect.forUpdate)"
        ).map(ExportRecord.init)
    }

    /// The body it was submitted with, in canonical JSON.
    package func body(of id: Int) throws -> [UInt8]? {
        try transaction.value("SELECT body FROM export_requests WHERE export = \(id)")
    }

    /// A user's records since then, newest first, until `body` answers false.
    ///
    /// - Parameter after: The id of a record; only older ones are looked at.
    package func forEachInHistory(
        of userID: String, since: Int64, after: Int?, limit: Int, offset: Int, _ body: (ExportRecord) throws -> Bool
    ) throws {
        let older: SQL =
            after.map { "AND (created_at, id) < (SELECT created_at, id FROM exports WHERE id = \($0))" } ?? ""
        let rows: SQL = """
            SELECT * FROM exports WHERE user_id = \(userID) AND created_at >= \(since) \(older)
            ORDER BY created_at DESC, id DESC LIMIT \(limit) OFFSET \(offset)
            """
        try transaction.forEachRow(rows) { try body(ExportRecord($0)) }
    }

    func insert(_ submission: Submission, job: JobID, at now: Int64) throws {
        let (request, body) = (submission.request, submission.body)
        let row = try transaction.queryOne(
            """
            INSERT INTO exports
                (hash_key, user_id, title, ext_type, source_type, callback, base, job, status, created_at, updated_at)
            VALUES (\(submission.key.text), \(request.userID), \(request.title), \(request.format.rawValue), \
            \(request.source.type), \(request.callback), \(submission.base), \(job), 1, \(now), \(now))
            ON CONFLICT (hash_key) DO NOTHING RETURNING id
            """)
        // Run again, the caller finds it.
        guard let id: Int = try row?.get("id") else {
            throw DatabaseError(.conflict, "another replica has just accepted the same export")
        }
        try transaction.execute("INSERT INTO export_requests (export, body) VALUES (\(id), \(body))")
    }

    /// Begins anew with another job: nothing of the last run is kept.
    package func restart(_ id: Int, job: JobID, at now: Int64) throws {
        try transaction.execute(
            """
            UPDATE exports SET job = \(job), status = 1, fail_reason = '', rows_written = 0, total_rows = NULL,
                files = 0, bytes = 0, warnings = 0, artifact = NULL, expires_at = NULL, updated_at = \(now)
            WHERE id = \(id)
            """)
    }

    package func setResult(_ result: ExportResult, of id: Int) throws {
        try transaction.execute(
            """
            UPDATE exports SET rows_written = \(result.rows), total_rows = \(result.totalRows),
                files = \(result.files), bytes = \(result.bytes), warnings = \(result.warnings),
                artifact = \(result.artifact), expires_at = \(result.expiresAt)
            WHERE id = \(id)
            """)
    }

    /// Keeps how far an export came that ends without a file.
    func setReached(_ progress: JobProgress, of id: Int) throws {
        try transaction.execute(
            "UPDATE exports SET rows_written = \(progress.done), total_rows = \(progress.total) WHERE id = \(id)")
    }

    package func setStatus(_ status: ExportStatus, reason: String, of id: Int, at now: Int64) throws {
        try transaction.execute(
            """
            UPDATE exports SET status = \(status.rawValue), fail_reason = \(reason), updated_at = \(now)
            WHERE id = \(id)
            """)
    }

    /// Which of these files, named relative to the artefacts' directory, belong to a record.
    package func known(of names: [String]) throws -> Set<String> {
        let rows = try transaction.query("SELECT artifact FROM exports WHERE artifact IN \(list: names)")
        return Set(try rows.map { try $0.get("artifact", as: String.self) })
    }

    /// Which of these exports need their rows: they run, have a file, or ended after that instant.
    func needingRows(_ keys: [HashKey], endedAfter instant: Int64) throws -> Set<HashKey> {
        let rows = try transaction.query(
            """
            SELECT hash_key FROM exports WHERE hash_key IN \(list: keys.map(\.text))
            AND (status = 1 OR artifact IS NOT NULL OR updated_at >= \(instant))
            """)
        return Set(try rows.compactMap { HashKey(try $0.get("hash_key", as: String.self)) })
    }

    /// Lets go of files whose time is over; answers their names, relative to the artefacts' directory.
    package func expire(before now: Int64, limit: Int) throws -> [String] {
        let rows = try transaction.query(
            """
            SELECT id, artifact FROM exports WHERE artifact IS NOT NULL AND expires_at < \(now)
            ORDER BY expires_at LIMIT \(limit)
            """)
        for row in rows {
            try transaction.execute("UPDATE exports SET artifact = NULL WHERE id = \(try row.get("id", as: Int.self))")
        }
        return try rows.map { try $0.get("artifact") }
    }

    /// Removes exports that ended before then and have no file any more, with their requests.
    ///
    /// - Returns: How many.
    package func forget(endedBefore cutoff: Int64, limit: Int) throws -> Int {
        let ids: [Int] = try transaction.query(
            """
            SELECT id FROM exports WHERE artifact IS NULL AND status IN (2, 3, 4) AND updated_at < \(cutoff)
            ORDER BY updated_at LIMIT \(limit) \(transaction.dialect.forUpdate)
            """
        ).map { try $0.get("id") }
        if ids.isEmpty { return 0 }
        try transaction.execute("DELETE FROM export_requests WHERE export IN \(list: ids)")
        return try transaction.execute("DELETE FROM exports WHERE id IN \(list: ids)")
    }
}
