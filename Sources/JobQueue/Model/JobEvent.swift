/// Something a watcher of a job is told.
package enum JobEvent: Hashable, Sendable {
    /// The job's state; the first event is the state at the time of watching. After a terminal one nothing follows.
    case state(JobState)
    case progress(JobProgress)
}

/// Events of one job, ended by its terminal state. A slow watcher misses the oldest ones, never the last.
package typealias JobEvents = AsyncStream<JobEvent>
