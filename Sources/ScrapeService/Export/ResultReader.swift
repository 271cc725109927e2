import Database

/// Reads a task's results part by part, so that neither memory nor the store is held for long.
struct ResultReader: Sendable {
    /// Results of one read.
    static let partRows = 500

    let database: any Database
    let task: Int64

    /// Calls `body` with the results that were there at the beginning, some at a time; the next ones are read meanwhile.
    ///
    /// - Parameter total: How many there were. A task that is deleted meanwhile ends it with an error: a part must not
    ///   pass for the whole.
    func forEach(total: Int, _ body: ([ExportedResult]) async throws -> Void) async throws {
        var end = 0
        var part = try await read(from: end, total: total)
        while !part.isEmpty {
            end += part.count
            let start = end
            async let next = read(from: start, total: total)
            try await body(part)
            part = try await next
        }
    }

    private func read(from place: Int, total: Int) async throws -> [ExportedResult] {
        let (task, limit) = (task, min(Self.partRows, total - place))
        guard limit > 0 else { return [] }
        let part = try await database.read { try ResultStore($0).exported(of: task, from: place, limit: limit) }
        guard part.count == limit else { throw ScrapeFaults.unknownTask }
        return part
    }
}

/// What exports say of a result.
struct ExportedResult: Sendable {
    let id: ResultID
    let upstreamID: String
    let data: [UInt8]
    let scrapedAt: Int64
}

extension ResultStore {
    /// Results of a task that was not deleted, in order.
    fileprivate func exported(of task: Int64, from place: Int, limit: Int) throws -> [ExportedResult] {
        guard try transaction.queryOne("SELECT id FROM scrape_tasks WHERE id = \(task)") != nil else { return [] }
        let range = ResultID.range(of: task)
        var results: [ExportedResult] = []
        results.reserveCapacity(limit)
        try transaction.forEachRow(
            """
            SELECT id, upstream_id, data, scraped_at FROM scrape_results
            WHERE id >= \(range.lowerBound + Int64(place)) AND id < \(range.upperBound) ORDER BY id LIMIT \(limit)
            """
        ) { row in
            results.append(
                ExportedResult(
                    id: ResultID(rawValue: try row.get("id")), upstreamID: try row.get("upstream_id"),
                    data: try row.get("data"), scrapedAt: try row.get("scraped_at")))
            return true
        }
        return results
    }
}
