/// What a task fetches.
public enum ScrapeTaskType: String, Codable, Sendable, Hashable, CaseIterable {
    /// A user's posts.
    case userTweets = "USER_TWEETS"
    /// A user's profile.
    case userInfo = "USER_INFO"
    /// Posts of the last days that a query finds.
    case keywordSearch = "KEYWORD_SEARCH"
    /// Posts of the last days on a topic.
    case hashtagSearch = "HASHTAG_SEARCH"
    /// Who follows a user.
    case userFollowers = "USER_FOLLOWERS"
    /// Whom a user follows.
    case userFollowing = "USER_FOLLOWING"
}

/// Where a task or an execution is.
public enum ScrapeStatus: String, Codable, Sendable, Hashable, CaseIterable {
    /// Not started since it was made or armed anew; never an execution's.
    case pending = "PENDING"
    /// Working, or waiting for its turn or for the API's next window.
    case running = "RUNNING"
    /// Everything that was asked for is there.
    case completed = "COMPLETED"
    /// See `errorMessage`.
    case failed = "FAILED"
    /// By request.
    case stopped = "STOPPED"
}

/// A task.
public struct ScrapeTask: Codable, Sendable, Hashable {
    /// Its name on the wire.
    public var id: String
    /// As given.
    public var taskName: String
    /// As given.
    public var describe: String?
    /// What it fetches.
    public var taskType: ScrapeTaskType
    /// As given.
    public var parameters: ScrapeTaskParameters
    /// Whose credential.
    public var accountID: String?
    /// Through which proxy.
    public var proxyID: String?
    /// Whose task it is.
    public var userID: String
    /// Where it is.
    public var status: ScrapeStatus
    /// Why it failed: a word such as `NOT_FOUND`, a colon, a sentence.
    public var errorMessage: String?
    /// ISO 8601, UTC.
    public var createdAt: String
    /// ISO 8601, UTC; nil until the first change.
    public var updatedAt: String?
    /// What all executions together may spend; nil: any amount.
    public var maxCost: Double?
    /// The same for a day in UTC.
    public var maxCostPerDay: Double?
    /// By all executions; nil while it is nothing.
    public var spent: Double?
    /// `waiting_rate_limit` while it waits for the API's next window, `waiting_budget` for the next day.
    public var phase: String?
    /// Until when.
    public var phaseUntil: String?

    enum CodingKeys: String, CodingKey {
        case id
        case taskName = "task_name"
        case describe
        case taskType = "task_type"
        case parameters
        case accountID = "account_id"
        case proxyID = "proxy_id"
        case userID = "user_id"
        case status
        case errorMessage = "error_message"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case maxCost = "max_cost"
        case maxCostPerDay = "max_cost_per_day"
        case spent
        case phase
        case phaseUntil = "phase_until"
    }
}

/// One run of a task.
public struct ScrapeExecution: Codable, Sendable, Hashable {
    /// Its name on the wire.
    public var id: String
    /// Of which task.
    public var taskID: String
    /// Whose credential, as it was at the start.
    public var accountID: String?
    /// Through which proxy, as it was at the start.
    public var proxyID: String?
    /// Where it is.
    public var status: ScrapeStatus
    /// Why it failed.
    public var errorMessage: String?
    /// ISO 8601, UTC.
    public var startedAt: String
    /// ISO 8601, UTC; nil while it runs.
    public var completedAt: String?
    /// Seconds from start to end.
    public var duration: Double?
    /// Results that it added to the task.
    public var resultCount: Int?
    /// Nil while it is nothing.
    public var spent: Double?

    enum CodingKeys: String, CodingKey {
        case id
        case taskID = "task_id"
        case accountID = "account_id"
        case proxyID = "proxy_id"
        case status
        case errorMessage = "error_message"
        case startedAt = "started_at"
        case completedAt = "completed_at"
        case duration
        case resultCount = "result_count"
        case spent
    }
}

/// A page of a list.
public struct ScrapePage<Item: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    /// What is on it.
    public var items: [Item]
    /// How many there are on all pages.
    public var total: Int
    /// Which page this is, counted from 1.
    public var page: Int
    /// How many a page has at most.
    public var size: Int
    /// How many pages there are; 0 when nothing is there.
    public var pages: Int
}
