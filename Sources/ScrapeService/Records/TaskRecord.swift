import Database
import JobQueue
import ServiceContracts

/// A task as it is stored.
struct TaskRecord: Sendable {
    let id: Int64
    let name: String
    var taskName: String
    var describe: String?
    let type: ScrapeTaskType
    /// JSON, as it was given.
    var parameters: [UInt8]
    var accountID: String?
    var proxyID: String?
    let userID: String
    var dedup: DedupPolicy
    var status: ScrapeStatus
    var errorMessage: String?
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
    /// Until when the execution waits for the API's next window.
    var waitsUntil: Int64?

    init(_ row: Row) throws {
        guard let type = ScrapeTaskType(rawValue: try row.get("task_type")),
            let dedup = DedupPolicy(rawValue: try row.get("dedup")),
            let status = ScrapeStatus(rawValue: try row.get("status"))
        else { throw DatabaseError(.decoding, "expected a task, found another row") }
        id = try row.get("id")
        name = try row.get("name")
        taskName = try row.get("task_name")
        describe = try row.get("about")
        self.type = type
        parameters = try row.get("parameters")
        accountID = try row.get("account_id")
        proxyID = try row.get("proxy_id")
        userID = try row.get("user_id")
        self.dedup = dedup
        self.status = status
        errorMessage = try row.get("error_message")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        execution = try row.get("execution")
        job = try row.get("job")
        results = try row.get("results")
        newestID = try row.get("newest_id")
        waitsUntil = try row.columns.contains("waits_until") ? row.get("waits_until") : nil
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
