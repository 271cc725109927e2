package import Database

/// What an execution has come to.
///
/// `alsoInTransaction` runs in the transaction that records the outcome: result, counters, callback and state are
/// committed together or not at all. It is skipped when the job was cancelled meanwhile or belongs to another
/// execution.
package enum JobOutcome: Sendable {
    package typealias Writes = @Sendable (any Transaction) throws -> Void

    case succeeded(result: [UInt8] = [], alsoInTransaction: Writes? = nil)
    /// Final, whatever the retry policy says.
    case failed(reason: String, alsoInTransaction: Writes? = nil)
    /// This attempt failed. Repeated by the policy, or after the time given; failed when no attempts are left.
    case retry(reason: String, after: Duration? = nil)
    /// The job has to wait for something outside: the slot is released and the attempt given back.
    case park(until: JobTime, note: String)
}

/// A job that has just ended, for the handler's own records.
package struct EndedJob: Sendable {
    package let id: JobID
    package let kind: String
    /// `succeeded`, `failed` or `cancelled`.
    package let state: JobState
    /// Why it failed.
    package let reason: String?
    package let endedAt: JobTime
}

/// How far an execution is.
package struct JobProgress: Hashable, Sendable {
    package var done: Int
    /// nil while unknown.
    package var total: Int?
    package var note: String?

    package init(done: Int, total: Int? = nil, note: String? = nil) {
        self.done = done
        self.total = total
        self.note = note
    }
}
