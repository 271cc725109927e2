import JSONBytes

/// Finds rows that come twice while a source is paged: one that changes meanwhile moves rows from page to page.
struct UniqueRows {
    /// Rows that can be told apart; each takes some 16 octets of memory.
    static let rowsMax = 5_000_000

    private let key: String
    /// Of the values so far. Sixty-four bits with a seed: of five million rows, two are taken for one once in a million
    /// exports.
    private var seen: Set<Int> = []

    init(key: String) { self.key = key }

    /// Throws for a source that says it has more rows than can be told apart.
    static func check(total: Int) throws(CrawlFailure) {
        guard total <= rowsMax else {
            throw CrawlFailure("unique_key can be looked after for \(rowsMax) rows, the source has \(total)")
        }
    }

    /// Takes the rows of the next page. Throws `CrawlFailure`.
    mutating func take(_ page: SourcePage, number: Int) throws {
        var index = 0
        try page.forEachRow(number: number) { row in
            index += 1
            guard let found = JSONScanner.member(key, of: row),
                JSONScanner.kind(of: JSONScanner.slice(row, found)) != .null
            else { throw CrawlFailure(page: number, "row \(index) has no \"\(key)\", which is its unique_key") }
            var hasher = Hasher()
            hasher.combine(bytes: JSONScanner.slice(row, found))
            guard seen.insert(hasher.finalize()).inserted else {
                throw CrawlFailure(
                    page: number,
                    "row \(index) has the \"\(key)\" of an earlier row: the source changed while it was paged")
            }
            guard seen.count <= Self.rowsMax else {
                throw CrawlFailure("unique_key can be looked after for \(Self.rowsMax) rows, the source has more")
            }
            return true
        }
    }
}
