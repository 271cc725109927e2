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
    /// What becomes of this job when another one holds the key.
    package var uniquePolicy = UniquePolicy.returnExisting
    /// Jobs that have to succeed before this one starts; when one of them does not, this one is cancelled. At most 100.
    package var dependencies: [JobID] = []
    /// What it shares with other jobs, and how much of that at a time.
    package var limit: JobLimit?
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

/// What becomes of a job whose unique key another one holds.
package enum UniquePolicy: String, Hashable, Sendable, CaseIterable {
    /// Nothing: the one that holds it is answered.
    case returnExisting
    /// It takes the other's place, which is cancelled with all that stand in line; it starts once that one's execution
    /// has ended.
    case replace
    /// It is refused.
    case fail
    /// It starts after the other one, and after those that stand in line already.
    case queue
}

/// How much of something jobs may use together, over all queues and processes.
package struct JobLimit: Hashable, Sendable {
    /// What they share: an account, a host.
    package var key: String
    /// Executions at the same time; nil: any number.
    package var runningMax: Int?
    /// Executions begun within `period`; nil: any number.
    package var startsMax: Int?
    package var period: Duration

    package init(key: String, runningMax: Int? = nil, startsMax: Int? = nil, per period: Duration = .seconds(60)) {
        self.key = key
        self.runningMax = runningMax
        self.startsMax = startsMax
        self.period = period
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
