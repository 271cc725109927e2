/// What a task is to fetch, in the document's words; which of them matter depends on the task's type.
public struct ScrapeTaskParameters: Codable, Sendable, Hashable {
    /// Whose posts, profile, followers or followed ones; a leading `@` is dropped.
    public var username: String?
    /// What is searched for.
    public var query: String?
    /// The topic; a leading `#` is dropped.
    public var hashtag: String?
    /// Items at most, 1…100,000; 10 unless given.
    public var limit: Int?
    /// Of a search: one of X's language codes.
    public var lang: String?
    /// Whether replies are wanted, too; not unless said.
    public var includeReplies: Bool?
    /// Whether reposts are wanted, too; not unless said.
    public var includeRetweets: Bool?

    /// Nothing yet.
    public init(username: String? = nil, query: String? = nil, hashtag: String? = nil, limit: Int? = nil) {
        self.username = username
        self.query = query
        self.hashtag = hashtag
        self.limit = limit
    }

    enum CodingKeys: String, CodingKey {
        case username, query, hashtag, limit, lang
        case includeReplies = "include_replies"
        case includeRetweets = "include_retweets"
    }
}

/// A task that is to be made.
public struct ScrapeTaskDraft: Codable, Sendable, Hashable {
    /// Its name, 1…200 characters.
    public var taskName: String
    /// What it is for.
    public var describe: String?
    /// What it fetches.
    public var taskType: ScrapeTaskType
    /// Whose, and how much.
    public var parameters: ScrapeTaskParameters
    /// Whose credential; without one the default.
    public var accountID: String?
    /// Through which proxy; without one none.
    public var proxyID: String?
    /// Whose task it is.
    public var userID: String
    /// What becomes of an item the task has already: `skip`, `overwrite`, or `stop`.
    public var dedupPolicy: String?
    /// What all executions together may spend, in units of the operator's currency.
    public var maxCost: Double?
    /// The same for a day in UTC.
    public var maxCostPerDay: Double?
    /// Whether it starts at once; not unless said.
    public var autoStart: Bool?

    /// A task with the members that are required.
    public init(taskName: String, taskType: ScrapeTaskType, parameters: ScrapeTaskParameters, userID: String) {
        self.taskName = taskName
        self.taskType = taskType
        self.parameters = parameters
        self.userID = userID
    }

    enum CodingKeys: String, CodingKey {
        case taskName = "task_name"
        case describe
        case taskType = "task_type"
        case parameters
        case accountID = "account_id"
        case proxyID = "proxy_id"
        case userID = "user_id"
        case dedupPolicy = "dedup_policy"
        case maxCost = "max_cost"
        case maxCostPerDay = "max_cost_per_day"
        case autoStart = "auto_start"
    }
}

/// Tasks that are to be made together.
public struct ScrapeBatchParameters: Codable, Sendable, Hashable {
    /// At most 100.
    public var tasks: [ScrapeTaskDraft]

    /// These tasks.
    public init(tasks: [ScrapeTaskDraft]) { self.tasks = tasks }
}

/// Names one task.
public struct ScrapeTaskName: Codable, Sendable, Hashable {
    /// Its `id`.
    public var taskID: String

    /// The task with this id.
    public init(_ taskID: String) { self.taskID = taskID }

    enum CodingKeys: String, CodingKey { case taskID = "task_id" }
}

/// Names one execution.
public struct ScrapeExecutionName: Codable, Sendable, Hashable {
    /// Its `id`.
    public var executionID: String

    /// The execution with this id.
    public init(_ executionID: String) { self.executionID = executionID }

    enum CodingKeys: String, CodingKey { case executionID = "execution_id" }
}

/// Which tasks, and which page of them. What is nil does not restrict.
public struct ScrapeTaskFilter: Codable, Sendable, Hashable {
    /// Counted from 1.
    public var page: Int?
    /// Tasks of a page, at most 100; 20 unless given.
    public var size: Int?
    /// In any case.
    public var status: String?
    /// In any case.
    public var taskType: String?
    /// Whose.
    public var userID: String?

    /// All of them.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case page, size, status
        case taskType = "task_type"
        case userID = "user_id"
    }
}

/// Which executions, and which page of them. What is nil does not restrict.
public struct ScrapeExecutionFilter: Codable, Sendable, Hashable {
    /// Counted from 1.
    public var page: Int?
    /// Executions of a page, at most 100; 20 unless given.
    public var size: Int?
    /// In any case.
    public var status: String?
    /// Of which task.
    public var taskID: String?

    /// All of them.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case page, size, status
        case taskID = "task_id"
    }
}
