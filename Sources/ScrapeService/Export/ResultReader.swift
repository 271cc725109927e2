import Database

/// Reads a task's results part by part, so that neither memory nor the store is held for long.
struct ResultReader: Sendable {
    /// Results of one read.
    static let partRows = 500

    let database: any Database
    let task: Int64

    /// Calls `body` with each result that was there at the beginning.
    ///
    /// - Parameter total: How many there were. A task that is deleted meanwhile ends it with an error: a part must not
    ///   pass for the whole.
    func forEach(total: Int, _ body: ([StoredResult]) async throws -> Void) async throws {
        var place = 0
        while place < total {
            let (task, start, limit) = (task, place, min(Self.partRows, total - place))
            let part = try await database.read { transaction in
                var results: [StoredResult] = []
                results.reserveCapacity(limit)
                try ResultStore(transaction).forEach(of: task, from: start, limit: limit) { result in
                    results.append(result)
                    return true
                }
                return results
            }
            guard part.count == limit else { throw ScrapeFaults.unknownTask }
            try await body(part)
            place += limit
        }
    }
}
