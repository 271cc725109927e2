import Database
import ServiceContracts

/// Finds results of all tasks; totals are exact.
///
/// Segments of the index answer for most results. Those that came lately, those that changed since, and those of which
/// an index can only say that they may hold a pair are looked at themselves, as `SearchMatcher` does.
struct ResultSearch: Sendable {
    let database: any Database
    let cache: PartCache

    struct Found: Sendable {
        let results: [StoredResult]
        let total: Int
    }

    /// - Parameter types: Whose tasks' results are looked at; nil: all.
    func find(_ query: SearchQuery, of types: [ScrapeTaskType]?, skip: Int, limit: Int) async throws -> Found {
        let cache = cache
        return try await database.read { transaction in
            // Where results come from is in no index.
            let ids =
                try query.data.isEmpty
                ? ResultScan(transaction, query, types).everywhere() : Self.ids(query, types, cache, transaction)
            let wanted = skip < ids.count ? ids[skip..<min(skip + limit, ids.count)] : []
            return Found(results: try ResultStore(transaction).results(Array(wanted)), total: ids.count)
        }
    }

    /// In order.
    private static func ids(
        _ query: SearchQuery, _ types: [ScrapeTaskType]?, _ cache: PartCache, _ transaction: any Transaction
    ) throws -> [Int64] {
        let store = IndexStore(transaction)
        let scan = ResultScan(transaction, query, types)
        var hits = try SegmentSearch(store, cache, query).hits(in: store.segments())
        if !query.metadata.isEmpty {
            hits.doubtful += hits.ids
            hits.ids = []
        }
        let stale = Set(try store.stale().map(\.id))
        if !stale.isEmpty {
            hits.ids.removeAll(where: stale.contains)
            hits.doubtful = hits.doubtful.filter { !stale.contains($0) } + stale
        }
        var ids = try scan.living(hits.ids)
        ids += try scan.among(hits.doubtful)
        ids += try scan.unindexed()
        ids.sort()
        // A stale result may not be indexed yet.
        return stale.isEmpty ? ids : ids.enumerated().filter { $0 == 0 || ids[$0 - 1] != $1 }.map(\.element)
    }
}
