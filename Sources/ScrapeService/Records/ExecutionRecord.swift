import Database
import JobQueue
import ServiceContracts

/// A run of a task as it is stored, and where its crawl is.
struct ExecutionRecord: Sendable {
    let id: Int64
    let name: String
    let task: Int64
    let taskKey: String
    let order: CrawlOrder
    var state: RecordState
    let startedAt: Int64
    var completedAt: Int64?
    var resultCount: Int
    let spent: Cost
    let job: JobID
    var crawl: CrawlState

    init(_ row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        task = try row.get("task")
        taskKey = try row.get("task_key")
        order = try CrawlOrder(row)
        state = try RecordState(row)
        startedAt = try row.get("started_at")
        completedAt = try row.get("completed_at")
        resultCount = try row.get("result_count")
        spent = Cost(millionths: try row.get("spent"))
        job = try row.get("job")
        crawl = CrawlState(
            upstreamUser: try row.get("upstream_user"), pageToken: try row.get("page_token"),
            fetched: try row.get("fetched"), sinceID: try row.get("since_id"), newestID: try row.get("newest_id"),
            requests: try row.get("requests"), refusals: try row.get("refusals"))
    }
}

/// Where a crawl is: what the next request needs.
struct CrawlState: Hashable, Sendable {
    /// The id behind a user's name, once it is known.
    var upstreamUser: String?
    /// Where the next page begins; nil at the beginning.
    var pageToken: String?
    /// Items that came so far, known ones too.
    var fetched = 0
    /// Only what is newer is wanted.
    var sinceID: String?
    /// The newest post that came.
    var newestID: String?
    /// Calls made.
    var requests = 0
    /// How often in a row the API refused further calls although its window was waited for.
    var refusals = 0

    /// The greater of two ids: numbers that need not fit an integer.
    static func newer(_ first: String?, _ second: String?) -> String? {
        guard let first, let second else { return first ?? second }
        return (first.utf8.count, first) < (second.utf8.count, second) ? second : first
    }
}
