public import RPC

/// The methods of the scraper: names, parameters, results.
///
/// `protocol/rpc/scrape.json` describes the same for other languages. Methods that answer results, whose data is what
/// the X API gave, are names only: their answers are read as JSON.
public enum ScrapeMethods {
    /// Makes a task; the parameters are the documented body.
    public static let create = RPCContract<ScrapeTaskDraft, ScrapeTask>("scrape.task.create")
    /// Makes all of several tasks, or none.
    public static let createBatch = RPCContract<ScrapeBatchParameters, [ScrapeTask]>("scrape.task.createBatch")
    /// A page of tasks, newest first.
    public static let list = RPCContract<ScrapeTaskFilter, ScrapePage<ScrapeTask>>(
        "scrape.task.list", isIdempotent: true)
    /// One task.
    public static let get = RPCContract<ScrapeTaskName, ScrapeTask>("scrape.task.get", isIdempotent: true)
    /// Changes what is given, and nothing else: `{task_id, changes}`.
    public static let update = "scrape.task.update"
    /// Removes a task with its executions and results.
    public static let delete = RPCContract<ScrapeTaskName, RPCNothing>("scrape.task.delete")
    /// Begins an execution; a task that runs stays as it is.
    public static let start = RPCContract<ScrapeTaskName, ScrapeTask>("scrape.task.start")
    /// Ends the execution; what it has fetched stays.
    public static let stop = RPCContract<ScrapeTaskName, ScrapeTask>("scrape.task.stop", isIdempotent: true)
    /// What the next execution costs at most, or the rest of the one that runs.
    public static let estimate = RPCContract<ScrapeTaskName, ScrapeEstimate>(
        "scrape.task.estimate", isIdempotent: true)
    /// A part of a task's results, in the order in which they came.
    public static let results = "scrape.result.list"
    /// Follows a task until its execution ends: events `progress`, then the task.
    public static let events = RPCContract<ScrapeTaskName, ScrapeTask>("scrape.task.events", isIdempotent: true)
    /// Results of all tasks that hold certain values.
    public static let search = "scrape.result.search"
    /// Streams all results of a task as a file.
    public static let export = "scrape.result.export"
    /// A page of executions, newest first.
    public static let executions = RPCContract<ScrapeExecutionFilter, ScrapePage<ScrapeExecution>>(
        "scrape.execution.list", isIdempotent: true)
    /// One execution.
    public static let execution = RPCContract<ScrapeExecutionName, ScrapeExecution>(
        "scrape.execution.get", isIdempotent: true)
    /// All executions of a task, newest first.
    public static let history = RPCContract<ScrapeTaskName, [ScrapeExecution]>(
        "scrape.execution.history", isIdempotent: true)

    /// Accounts: credentials of the API that tasks name. Their tokens are never answered.
    public static let accounts = ScrapeSecretMethods(of: "account")
    /// Proxies that tasks name. Their passwords are never answered.
    public static let proxies = ScrapeSecretMethods(of: "proxy")
    /// Asks for something through a proxy: `{ok, latency_ms, error}`.
    public static let checkProxy = "scrape.proxy.check"

    /// Receivers of what becomes of a task.
    public static let webhooks = ScrapeWebhookMethods()
    /// Callbacks, for operators.
    public static let deliveries = DeliveryContracts(service: "scrape")
    /// When a task starts by itself.
    public static let schedules = ScrapeScheduleMethods()
    /// What a dashboard shows.
    public static let analytics = ScrapeAnalyticsMethods()

    /// Jobs and queues behind executions, for operators.
    public static let jobs = JobMethods(service: "scrape")

    /// Every name, sorted.
    public static let names =
        ([
            create.name, createBatch.name, list.name, get.name, update, delete.name, start.name, stop.name, results,
            estimate.name,
            events.name, search, export, executions.name, execution.name, history.name, checkProxy,
        ] + accounts.names + proxies.names + jobs.names + webhooks.names + deliveries.names + schedules.names
        + analytics.names).sorted()
}

/// Names of the methods about accounts, and of those about proxies.
public struct ScrapeSecretMethods: Sendable {
    /// Makes one; an `id` may be asked for.
    public let create: String
    /// A page of them, newest first.
    public let list: String
    /// One of them.
    public let get: String
    /// Changes what is given.
    public let update: String
    /// Removes one; tasks that name it fail from then on.
    public let delete: String

    init(of kind: String) {
        create = "scrape.\(kind).create"
        list = "scrape.\(kind).list"
        get = "scrape.\(kind).get"
        update = "scrape.\(kind).update"
        delete = "scrape.\(kind).delete"
    }

    /// Every name.
    public var names: [String] { [create, list, get, update, delete] }
}

/// Names of the methods about webhooks.
public struct ScrapeWebhookMethods: Sendable {
    /// Makes one.
    public let create = "scrape.webhook.create"
    /// All of a task.
    public let list = "scrape.webhook.list"
    /// One of them.
    public let get = "scrape.webhook.get"
    /// Changes what is given.
    public let update = "scrape.webhook.update"
    /// Removes one; its receiver is told nothing any more.
    public let delete = "scrape.webhook.delete"
    /// What became of its callbacks, newest first.
    public let deliveries = "scrape.webhook.deliveries"

    /// Every name.
    public var names: [String] { [create, list, get, update, delete, deliveries] }
}

/// Names of the methods about schedules.
public struct ScrapeScheduleMethods: Sendable {
    /// Makes a task's schedule, or replaces it.
    public let put = "scrape.schedule.put"
    /// A task's schedule.
    public let get = "scrape.schedule.get"
    /// Removes it.
    public let delete = "scrape.schedule.delete"

    /// Every name.
    public var names: [String] { [put, get, delete] }
}

/// Names of the methods that answer counts.
public struct ScrapeAnalyticsMethods: Sendable {
    /// How it is now.
    public let summary = "scrape.analytics.summary"
    /// What happened, day by day.
    public let daily = "scrape.analytics.daily"
    /// Failures by reason.
    public let failures = "scrape.analytics.failures"

    /// Every name.
    public var names: [String] { [summary, daily, failures] }
}
