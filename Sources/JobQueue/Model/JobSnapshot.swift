/// Everything stored about a job but its parameters.
package struct JobSnapshot: Hashable, Sendable {
    package let id: JobID
    package let kind: String
    package let queue: String
    package let state: JobState
    /// Attempts begun and not given back.
    package let attempt: Int
    package let fence: JobFence
    package let rescues: Int
    package let priority: Int
    package let dueAt: JobTime
    package let createdAt: JobTime
    package let startedAt: JobTime?
    package let endedAt: JobTime?
    /// Why it failed, waits or is parked.
    package let note: String?
    package let result: [UInt8]?
}

/// What a cancel did.
package enum CancelResult: Hashable, Sendable {
    /// It had not begun; it is cancelled now.
    case cancelled
    /// An execution is being stopped. From here on the job can only become cancelled.
    case cancelling
    /// Too late: it had ended in this state, which stays.
    case alreadyEnded(JobState)
    case unknown
}
