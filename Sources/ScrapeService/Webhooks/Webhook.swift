import Database

/// What receivers can be told of a task.
enum WebhookEvent: String, CaseIterable, Sendable {
    /// An execution is completed and has brought something new.
    case finished
    /// An execution has failed.
    case failed
    /// An execution is completed, and nothing was new.
    case empty
    /// A budget is reached: the execution has failed for it, or waits for the next day.
    case budget
}

/// A receiver of what becomes of a task.
struct Webhook: Sendable {
    let id: Int64
    let name: String
    let task: Int64
    let url: String
    let events: Set<WebhookEvent>
    /// Nil: the service's secret signs, if there is one.
    let sealed: [UInt8]?
    let createdAt: Int64
    let updatedAt: Int64?

    init(_ row: Row) throws {
        id = try row.get("id")
        name = try row.get("name")
        task = try row.get("task")
        url = try row.get("url")
        events = Set(
            try row.get("events", as: String.self).split(separator: ",").compactMap {
                WebhookEvent(rawValue: String($0))
            })
        sealed = try row.get("sealed")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
    }
}

/// What a webhook is made of, or what changes of it.
struct WebhookChange: Sendable {
    var url: String?
    var events: Set<WebhookEvent>?
    /// `null` goes back to the service's.
    var secret = TaskChange.Given<String>.kept
}
