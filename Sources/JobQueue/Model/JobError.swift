/// Why the queue refused something.
package enum JobError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another execution owns the job now, or nobody does: stop and discard.
    case leaseLost(JobID)
    case unknownJob(JobID)
    /// Only a job that has ended can be submitted anew.
    case notEnded(JobID, JobState)
    case tooManyExclusiveKeys(Int, limit: Int)
    case tooManyWatchers(limit: Int)
    /// Another job holds the unique key, and the policy is to fail.
    case uniqueKeyTaken(by: JobID)
    case tooManyDependencies(Int, limit: Int)
    /// It has ended without success, so what depends on it will never start.
    case dependencyEnded(JobID, JobState)

    package var description: String {
        switch self {
        case .leaseLost(let id): "job \(id) belongs to another execution or to none"
        case .unknownJob(let id): "no job with id \(id)"
        case .notEnded(let id, let state): "expected job \(id) to have ended, found it \(state.rawValue)"
        case .tooManyExclusiveKeys(let count, let limit): "expected at most \(limit) exclusive keys, found \(count)"
        case .uniqueKeyTaken(let id): "expected a unique key of its own, found it held by job \(id)"
        case .tooManyDependencies(let count, let limit): "expected at most \(limit) dependencies, found \(count)"
        case .dependencyEnded(let id, let state): "expected job \(id) to succeed, found it \(state.rawValue)"
        case .tooManyWatchers(let limit): "expected at most \(limit) watchers of events"
        }
    }
}
