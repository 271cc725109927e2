/// Names a queue.
public struct JobQueueParameters: Codable, Sendable, Hashable {
    /// Its name.
    public var queue: String

    /// The queue of this name.
    public init(queue: String) { self.queue = queue }
}

/// A queue and its cap.
public struct JobCapParameters: Codable, Sendable, Hashable {
    /// Its name.
    public var queue: String
    /// Jobs at the same time, over all replicas; null goes back to the replicas' settings.
    public var cap: Int?

    /// A cap for a queue.
    public init(queue: String, cap: Int?) {
        self.queue = queue
        self.cap = cap
    }
}

/// A queue as it is now.
public struct JobQueueDescription: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Jobs at the same time; null: what the replicas' settings say.
    public var cap: Int?
    /// Since when it starts nothing, in milliseconds since 1970.
    public var pausedAt: Int64?
    /// Jobs that wait for a slot.
    public var ready: Int
    /// Executions that exist; a paused queue without any is drained.
    public var executing: Int

    /// A queue.
    public init(name: String, cap: Int?, pausedAt: Int64?, ready: Int, executing: Int) {
        self.name = name
        self.cap = cap
        self.pausedAt = pausedAt
        self.ready = ready
        self.executing = executing
    }

    enum CodingKeys: String, CodingKey {
        case name, cap, ready, executing
        case pausedAt = "paused_at"
    }
}

/// All queues of a service.
public struct JobQueueList: Codable, Sendable, Hashable {
    /// The queues, by name.
    public var items: [JobQueueDescription]

    /// Queues.
    public init(items: [JobQueueDescription]) { self.items = items }
}
