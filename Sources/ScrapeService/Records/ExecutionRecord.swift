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
            fetched: try row.get("fetched"), sinceID: try row.get("since_id"), untilID: try row.get("until_id"),
            newestID: try row.get("newest_id"), oldestID: try row.get("oldest_id"),
            gaps: CrawlGap.gaps(try row.get("gaps")), requests: try row.get("requests"),
            refusals: try row.get("refusals"))
    }
}
