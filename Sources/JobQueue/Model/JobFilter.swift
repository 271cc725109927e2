import Database

/// Which jobs are meant. What is nil or empty does not restrict.
package struct JobFilter: Hashable, Sendable {
    package var kind: String?
    package var queue: String?
    package var states: Set<JobState> = []
    /// Made at or after this instant, and before that one.
    package var createdFrom: JobTime?
    package var createdBefore: JobTime?
    /// Only jobs older than this one: where the last page ended.
    package var before: JobID?
    /// No other than this one.
    package var only: JobID?

    package init() {}

    var condition: SQL {
        """
        id < \(before?.rawValue ?? .max)
        \(only.map { "AND id = \($0)" as SQL } ?? "") \(kind.map { "AND kind = \($0)" as SQL } ?? "") \(queue.map { "AND queue = \($0)" as SQL } ?? "")
        \(states.isEmpty ? "" : "AND state IN \(list: states.sorted { $0.rawValue < $1.rawValue })" as SQL)
        \(createdFrom.map { "AND created_at >= \($0)" as SQL } ?? "")
        \(createdBefore.map { "AND created_at < \($0)" as SQL } ?? "")
        """
    }
}

/// A part of a list, newest first.
package struct JobPage: Sendable {
    package let jobs: [JobSnapshot]
    /// What `JobFilter.before` is for the next part; nil at the end.
    package let next: JobID?
}

/// What a redrive did.
package struct RedriveReport: Sendable {
    /// The filter as it was understood: failed jobs only.
    package let filter: JobFilter
    /// Failed jobs that fit it and were not started again before.
    package let matched: Int
    /// The old ones and those that stand for them now; at most as many as asked for.
    package let redriven: [(old: JobID, new: JobID)]
}

/// A queue as it is now.
package struct QueueStatus: Hashable, Sendable {
    package let name: String
    /// nil: what the processes' own settings say.
    package let concurrencyMax: Int?
    package let pausedAt: JobTime?
    /// Jobs that wait for a slot.
    package let ready: Int
    /// Executions that exist.
    package let executing: Int
}
