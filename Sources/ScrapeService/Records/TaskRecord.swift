import Database
import JobQueue
import ServiceContracts

/// A task as it is stored.
struct TaskRecord: Sendable {
    let id: Int64
    let name: String
    var taskName: String
    var describe: String?
    let userID: String
    var order: CrawlOrder
    var state: RecordState
    /// Of all its executions together; nil: any amount.
    var maxCost: Cost?
    /// Of a day, in UTC.
    var maxCostPerDay: Cost?
    /// By all its executions.
    private(set) var spent: Cost
    /// Milliseconds since 1970, as all times.
    let createdAt: Int64
    var updatedAt: Int64?
    /// The one that runs, or ran last.
    var execution: Int64?
    /// Its job.
    var job: JobID?
    /// How many results there are, and so the place of the next one.
    var results: Int
    /// The newest post of an execution that was completed.
    var newestID: String?

    init(_ row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        taskName = try row.get("task_name")
        describe = try row.get("about")
        userID = try row.get("user_id")
        order = try CrawlOrder(row)
        state = try RecordState(row)
        maxCost = try row.get("max_cost", as: Int64?.self).map(Cost.init(millionths:))
        maxCostPerDay = try row.get("max_cost_per_day", as: Int64?.self).map(Cost.init(millionths:))
        spent = Cost(millionths: try row.get("spent"))
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        execution = try row.get("execution")
        job = try row.get("job")
        results = try row.get("results")
        newestID = try row.get("newest_id")
    }

    /// The same after a call that cost so much.
    func adding(_ cost: Cost) -> TaskRecord {
        var task = self
        task.spent = task.spent + cost
        return task
    }
}

extension ScrapeTaskType {
    /// What `data_type` says of its results.
    var dataType: String {
        switch self {
        case .userTweets, .keywordSearch, .hashtagSearch: "tweet"
        case .userInfo: "user"
        case .userFollowers: "follower"
        case .userFollowing: "following"
        }
    }

    static func types(of dataType: String) -> [ScrapeTaskType] {
        allCases.filter { $0.dataType == dataType.lowercased() }
    }
}
