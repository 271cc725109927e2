import Database

/// A segment without its parts.
struct SegmentRecord: Sendable {
    let id: Int64
    let rows: Int
    let octets: Int
    /// How often results of it changed or went since it was made.
    let outdated: Int
    let paths: [String]

    static var columns: SQL { "SELECT id, row_count, octets, outdated, paths FROM scrape_segments" }

    init(_ row: Row) throws {
        id = try row.get("id")
        rows = try row.get("row_count")
        octets = try row.get("octets")
        outdated = try row.get("outdated")
        paths = try row.get("paths", as: String.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }
}

/// Results that no segment has yet: a page's, mostly.
struct UnindexedRange: Hashable, Sendable {
    let id: Int64
    let first: Int64
    let count: Int

    init(_ row: Row) throws {
        id = try row.get("id")
        first = try row.get("first_id")
        count = try row.get("row_count")
    }
}

/// A result whose data changed after it had been kept, and how often.
struct StaleResult: Hashable, Sendable {
    let id: Int64
    let version: Int
}

/// Where a part is found: its segment, field and number in one.
enum PartKey {
    static func make(_ segment: Int64, field: Int, number: Int) -> Int64 {
        segment << 24 | Int64(field) << 12 | Int64(number)
    }

    static func range(of segment: Int64) -> Range<Int64> { segment << 24..<(segment + 1) << 24 }
}

/// Reads and writes the index inside a transaction.
///
/// Invariants, of every committed state:
/// - a result is in one segment or in one range that is not indexed yet, never in both;
/// - what a segment says of a result is true unless the result is stale or gone.
struct IndexStore {
    /// Values of one list.
    private static let listMax = 500

    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    /// Notes results that came with this transaction.
    func note(first: ResultID, count: Int) throws {
        guard count > 0 else { return }
        try transaction.executeLater(
            "INSERT INTO scrape_unindexed (first_id, row_count) VALUES (\(first.rawValue), \(count))")
    }

    /// Notes that a result's data changed with this transaction.
    func noteChange(task: Int64, upstreamID: String) throws {
        try transaction.execute(
            """
            INSERT INTO scrape_stale (id, version)
            SELECT id, 1 FROM scrape_results WHERE task = \(task) AND upstream_id = \(upstreamID)
            ON CONFLICT (id) DO UPDATE SET version = scrape_stale.version + 1
            """)
    }

    /// Forgets a task whose last result was removed; segments that have some of it are made anew.
    func forget(task: Int64) throws {
        let range = ResultID.range(of: task)
        for table in ["scrape_unindexed WHERE first_id", "scrape_stale WHERE id"] as [StaticString] {
            try transaction.execute(
                "DELETE FROM \(raw: table) BETWEEN \(range.lowerBound) AND \(range.upperBound - 1)")
        }
        try transaction.execute(
            """
            UPDATE scrape_segments SET outdated = outdated + 1
            WHERE first_id < \(range.upperBound) AND last_id >= \(range.lowerBound)
            """)
    }

    /// Segments among whose numbers are those of stale results are to be made anew.
    func outdateStale() throws {
        try transaction.execute(
            """
            UPDATE scrape_segments SET outdated = outdated + 1 WHERE outdated = 0 AND EXISTS (
                SELECT 1 FROM scrape_stale s
                WHERE s.id BETWEEN scrape_segments.first_id AND scrape_segments.last_id AND NOT EXISTS (
                    SELECT 1 FROM scrape_unindexed u WHERE s.id >= u.first_id AND s.id < u.first_id + u.row_count))
            """)
    }

    func segments() throws -> [SegmentRecord] {
        try transaction.query("\(SegmentRecord.columns) ORDER BY id").map(SegmentRecord.init)
    }

    func outdatedSegment() throws -> SegmentRecord? {
        try transaction.queryOne("\(SegmentRecord.columns) WHERE outdated > 0 ORDER BY id LIMIT 1")
            .map(SegmentRecord.init)
    }

    func hasStale() throws -> Bool { try transaction.queryOne("SELECT id FROM scrape_stale LIMIT 1") != nil }

    /// The oldest ranges, so many at most.
    func unindexed(limit: Int) throws -> [UnindexedRange] {
        try transaction.query("SELECT id, first_id, row_count FROM scrape_unindexed ORDER BY id LIMIT \(limit)")
            .map(UnindexedRange.init)
    }

    func stale() throws -> [StaleResult] {
        try transaction.query("SELECT id, version FROM scrape_stale").map {
            StaleResult(id: try $0.get("id"), version: try $0.get("version"))
        }
    }

    /// Calls `body` with each of these parts that is there.
    func forEachPart(_ keys: [Int64], _ body: (Int64, [UInt8]) -> Void) throws {
        for start in stride(from: 0, to: keys.count, by: Self.listMax) {
            let some = keys[start..<min(start + Self.listMax, keys.count)]
            try transaction.forEachRow("SELECT id, octets FROM scrape_segment_parts WHERE id IN \(list: some)") { row in
                body(try row.get("id"), try row.get("octets"))
                return true
            }
        }
    }

    func insert(_ file: SegmentFile) throws {
        guard let first = file.ids.min(), let last = file.ids.max() else { return }
        let id: Int64? = try transaction.value(
            """
            INSERT INTO scrape_segments (row_count, octets, first_id, last_id, outdated, paths)
            VALUES (\(file.ids.count), \(file.octets), \(first), \(last), 0, \(file.paths.joined(separator: "\n")))
            RETURNING id
            """)
        guard let id else { throw DatabaseError(.decoding, "expected the number of a new segment, found nothing") }
        for part in file.parts {
            let key = PartKey.make(id, field: part.field, number: part.number)
            try transaction.execute("INSERT INTO scrape_segment_parts (id, octets) VALUES (\(key), \(part.octets))")
        }
    }

    /// - Returns: False when it is not there any more, or not as it was.
    func remove(_ segment: SegmentRecord) throws -> Bool {
        let range = PartKey.range(of: segment.id)
        try transaction.execute(
            "DELETE FROM scrape_segment_parts WHERE id >= \(range.lowerBound) AND id < \(range.upperBound)")
        return try transaction.execute(
            "DELETE FROM scrape_segments WHERE id = \(segment.id) AND outdated = \(segment.outdated)") == 1
    }

    /// Takes the first results of a range out of it.
    ///
    /// - Returns: False when it is not there any more, or not as it was.
    func take(_ count: Int, of range: UnindexedRange) throws -> Bool {
        if count == range.count {
            return try transaction.execute(
                "DELETE FROM scrape_unindexed WHERE id = \(range.id) AND row_count = \(count)") == 1
        }
        return try transaction.execute(
            """
            UPDATE scrape_unindexed SET first_id = first_id + \(count), row_count = row_count - \(count)
            WHERE id = \(range.id) AND row_count = \(range.count)
            """) == 1
    }

    /// What an index says of these results is true again, unless they changed once more.
    func refresh(_ results: [StaleResult]) throws {
        for result in results {
            try transaction.execute(
                "DELETE FROM scrape_stale WHERE id = \(result.id) AND version = \(result.version)")
        }
    }
}
