import Database

/// Where a job is. Each case names its exits; `JobMachine` is the only place that takes them.
package enum JobState: String, Hashable, Sendable, CaseIterable, DatabaseValueConvertible {
    /// Waits for other jobs. → ready, cancelled
    case blocked
    /// Waits for an instant. → ready, cancelled
    case scheduled
    /// Waits for a slot. → running, cancelled
    case ready
    /// An execution works on it. → succeeded, failed, scheduled, ready, cancelling
    case running
    /// A cancel has been answered, the execution has not ended yet. → cancelled
    case cancelling
    case succeeded
    case failed
    case cancelled

    /// A terminal job never changes.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled: true
        case .blocked, .scheduled, .ready, .running, .cancelling: false
        }
    }

    /// Whether an execution may still write.
    var isExecuting: Bool { self == .running || self == .cancelling }

    /// Whether the job keeps its unique key from others.
    package var holdsUniqueKey: Bool {
        switch self {
        case .blocked, .scheduled, .ready, .running: true
        case .cancelling, .succeeded, .failed, .cancelled: false
        }
    }
}
