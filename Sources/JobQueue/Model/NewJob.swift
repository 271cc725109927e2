/// What a service asks the queue to run.
package struct NewJob: Sendable {
    /// Names the handler.
    package var kind: String
    /// Whose slots it uses; a queue that is not configured runs nothing.
    package var queue: String
    /// The handler's own encoding; a snapshot that never changes.
    package var parameters: [UInt8]
    /// Higher runs earlier; among equals the due time decides, then the id.
    package var priority: Int
    /// Not before this instant; nil means now.
    package var runAt: JobTime?
    /// At most one job of a kind holds a key while it is blocked, scheduled, ready or running.
    package var uniqueKey: String?
    /// Things of which one execution at a time may use each: a browser profile, an account. At most 16.
    package var exclusiveKeys: [String]
    /// The longest time one attempt may take; afterwards it is stopped and counts as failed.
    package var deadline: Duration?
    package var retry: RetryPolicy
    package var rescue: RescuePolicy
    /// A job that must have ended, and whose execution must have stopped, before this one starts.
    package var predecessor: JobID?

    package init(
        kind: String, queue: String = "default", parameters: [UInt8] = [], priority: Int = 0, runAt: JobTime? = nil,
        uniqueKey: String? = nil, exclusiveKeys: [String] = [], deadline: Duration? = nil,
        retry: RetryPolicy = .never, rescue: RescuePolicy = .rerun, predecessor: JobID? = nil
    ) {
        self.kind = kind
        self.queue = queue
        self.parameters = parameters
        self.priority = priority
        self.runAt = runAt
        self.uniqueKey = uniqueKey
        self.exclusiveKeys = exclusiveKeys
        self.deadline = deadline
        self.retry = retry
        self.rescue = rescue
        self.predecessor = predecessor
    }
}

/// What happens to a job whose process died under it. Rescues do not count as attempts.
package enum RescuePolicy: Hashable, Sendable {
    /// Runs again and goes on from what it made durable.
    case resume
    /// Runs again from the beginning.
    case rerun
    /// Fails with this text, because what it did must not be repeated.
    case fail(String)
}

/// What `submit` did.
package struct JobSubmission: Hashable, Sendable {
    package let id: JobID
    /// True when a job that holds the same unique key was found and nothing was added.
    package let isExisting: Bool
}
