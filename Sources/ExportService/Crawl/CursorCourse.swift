/// What a crawl along cursors has learnt of its source, and the rules that follow: no I/O, no clock.
struct CursorCourse {
    private let limits: CrawlLimits
    /// Of the cursors so far: one may have thousands of octets, and there may be a million. Of a million numbers of 64
    /// bits two are equal once in some forty million crawls.
    private var seen: Set<Int> = []
    /// The rows that the source said last it has; nil as long as it said nothing.
    private(set) var total: Int?

    init(limits: CrawlLimits) { self.limits = limits }

    /// Learns from a page how large the source is; one that does not say it again has not changed its mind.
    mutating func take(_ tag: PageTag) throws(CrawlFailure) {
        guard tag.total > 0 else { return }
        guard tag.total <= limits.rowsMax else {
            throw .tooManyRows(tag.total, allowed: limits.rowsMax)
        }
        if limits.failsOnShrinking, let total, tag.total < total { throw .shrank(from: total, to: tag.total) }
        total = tag.total
    }

    /// Decides whether the page behind a cursor is asked for.
    mutating func follow(_ token: String, from page: Int) throws(CrawlFailure) {
        guard seen.insert(token.hashValue).inserted else {
            throw CrawlFailure(page: page, "the source gave the same cursor again")
        }
        guard page < limits.pagesMax else {
            throw CrawlFailure("the source has more than the \(limits.pagesMax) pages allowed")
        }
    }
}
