import ServiceContracts

/// Where a crawl is: what the next request needs.
struct CrawlState: Hashable, Sendable {
    /// The id behind a user's name, once it is known.
    var upstreamUser: String?
    /// Where the next page begins; nil at the beginning of a window, empty at the end of the crawl.
    var pageToken: String?
    /// Items that came so far, known ones too.
    var fetched = 0
    /// Only what is newer is wanted.
    var sinceID: String?
    /// Only what is older is wanted.
    var untilID: String?
    /// The newest post that came.
    var newestID: String?
    /// The oldest post that came of the present window.
    var oldestID: String?
    /// What earlier executions left unfetched, the newest first; it follows the present window.
    var gaps: [CrawlGap] = []
    /// Calls made.
    var requests = 0
    /// How often in a row the API refused further calls although its window was waited for.
    var refusals = 0

    /// In place of a token: the last page has come.
    static let exhausted = ""

    /// The greater of two ids: numbers that need not fit an integer.
    static func newer(_ first: String?, _ second: String?) -> String? {
        guard let first, let second else { return first ?? second }
        return isOlder(first, second) ? second : first
    }

    static func older(_ first: String?, _ second: String?) -> String? {
        guard let first, let second else { return first ?? second }
        return isOlder(first, second) ? first : second
    }

    private static func isOlder(_ first: String, _ second: String) -> Bool {
        (first.utf8.count, first) < (second.utf8.count, second)
    }

    /// The present window is done: the next gap follows, or the end.
    mutating func endWindow() {
        guard !gaps.isEmpty else {
            pageToken = Self.exhausted
            return
        }
        let gap = gaps.removeFirst()
        (sinceID, untilID, oldestID, pageToken) = (gap.since, gap.until, nil, nil)
    }

    /// What remains between the posts of this crawl and those from before it, if it ended here. Of a first crawl nothing:
    /// who wants fifty posts wants no older ones.
    var remainder: [CrawlGap] {
        guard pageToken != Self.exhausted, let sinceID, let end = oldestID ?? untilID else { return gaps }
        return [CrawlGap(since: sinceID, until: end)] + gaps
    }
}

/// Posts between two ids, both exclusive, that were there when newer ones were fetched, and were too many for the limit.
struct CrawlGap: Hashable, Sendable {
    /// Gaps of one crawl. Of more the oldest two become one, and what is between them is fetched again.
    static let countMax = 16

    let since: String
    let until: String

    /// Reads what `text` writes.
    static func gaps(_ text: String?) -> [CrawlGap] {
        (text ?? "").split(separator: ",").compactMap { gap in
            let ids = gap.split(separator: "-")
            return ids.count == 2 ? CrawlGap(since: String(ids[0]), until: String(ids[1])) : nil
        }
    }

    /// For the store; nil for none.
    static func text(_ gaps: [CrawlGap]) -> String? {
        gaps.isEmpty ? nil : gaps.map { "\($0.since)-\($0.until)" }.joined(separator: ",")
    }

    static func bounded(_ gaps: [CrawlGap]) -> [CrawlGap] {
        guard gaps.count > countMax, let oldest = gaps.last else { return gaps }
        let rest = gaps.prefix(countMax)
        return rest.dropLast() + [CrawlGap(since: oldest.since, until: rest[countMax - 1].until)]
    }
}

extension CrawlState {
    /// Where an execution of the same parameters goes on: at the cursor of one that did not come to its end, else behind
    /// the newest post of the last one, and then in what that one left.
    init(after last: ExecutionRecord?, of task: TaskRecord) {
        self.init()
        guard let last, last.order.parameters == task.order.parameters else { return }
        switch last.state.status {
        case .failed, .stopped, .running, .pending:
            self = last.crawl
            (requests, refusals) = (0, 0)
        case .completed:
            upstreamUser = last.crawl.upstreamUser
            sinceID = task.newestID
            gaps = CrawlGap.bounded(last.crawl.remainder)
        }
    }
}
