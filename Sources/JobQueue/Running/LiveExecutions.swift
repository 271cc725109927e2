/// Why an execution is asked to stop.
enum StopReason: Hashable, Sendable {
    case cancelled
    case deadline
    case shutdown
    /// The store has given the job to somebody else.
    case lost
}

/// The executions that physically exist in this process: no store, no clock of its own.
///
/// Invariants: an execution is asked to stop at most once for the same reason; a cancel outranks the other reasons,
/// because its grace ends in `cancelled`; one that is over its grace is reported once and stays until it ends.
struct LiveExecutions: Sendable {
    struct Entry: Sendable {
        let job: ClaimedJob
        let stop: StopSwitch
        let deadlineAt: JobTime?
        fileprivate(set) var stopReason: StopReason?
        /// When the job is taken from it.
        fileprivate(set) var graceEndsAt: JobTime?
    }

    enum Action: Sendable {
        case stop(StopSwitch)
        /// The job is to be taken from this execution.
        case withdraw(JobID, JobFence)
    }

    private var entries: [JobID: Entry] = [:]
    /// Executions that lost their job, which runs here again: they count until they end, and have no say.
    private var outlived: [ClaimedJob.Execution: Entry] = [:]
    private var countByQueue: [String: Int] = [:]

    var count: Int { entries.count + outlived.count }
    func count(in queue: String) -> Int { countByQueue[queue] ?? 0 }
    subscript(id: JobID) -> Entry? { entries[id] }

    subscript(job: ClaimedJob) -> Entry? {
        if let entry = entries[job.id], entry.job.fence == job.fence { return entry }
        return outlived[job.execution]
    }

    mutating func add(_ job: ClaimedJob, stop: StopSwitch, now: JobTime) {
        if let earlier = entries[job.id] { outlived[earlier.job.execution] = earlier }
        entries[job.id] = Entry(job: job, stop: stop, deadlineAt: job.deadline.map { now + $0 })
        countByQueue[job.queue, default: 0] += 1
    }

    mutating func remove(_ job: ClaimedJob) {
        guard self[job] != nil else { return }
        if outlived.removeValue(forKey: job.execution) == nil { entries[job.id] = nil }
        countByQueue[job.queue, default: 1] -= 1
    }

    /// Stops executions whose job the store has given to somebody else.
    ///
    /// - Parameter executing: What the store knows of this process.
    mutating func requestStopOfLost(knowing executing: [JobID: JobFence]) -> [Action] {
        entries.values.filter { executing[$0.job.id] != $0.job.fence }.compactMap {
            requestStop($0.job.id, .lost, graceEndsAt: nil)
        }
    }

    /// Executions the store knows of this process, and this process does not.
    func unknown(of executing: [JobID: JobFence]) -> [ClaimedJob.Execution] {
        executing.map { ClaimedJob.Execution(job: $0.key, fence: $0.value) }.filter {
            entries[$0.job]?.job.fence != $0.fence && outlived[$0] == nil
        }
    }

    mutating func requestStop(_ id: JobID, _ reason: StopReason, graceEndsAt: JobTime?) -> Action? {
        guard var entry = entries[id], entry.stopReason != .cancelled, entry.stopReason != reason else { return nil }
        entry.stopReason = reason
        entry.graceEndsAt = graceEndsAt
        entries[id] = entry
        return .stop(entry.stop)
    }

    mutating func requestStopOfAll(_ reason: StopReason, graceEndsAt: JobTime) -> [Action] {
        entries.keys.compactMap { requestStop($0, reason, graceEndsAt: graceEndsAt) }
    }

    /// What time has brought.
    mutating func tick(now: JobTime) -> [Action] {
        var actions: [Action] = []
        for (id, entry) in entries {
            if let deadlineAt = entry.deadlineAt, deadlineAt <= now, entry.stopReason == nil {
                // No grace: the slot is held anyway until it ends, and the next attempt must not overlap it.
                if let action = requestStop(id, .deadline, graceEndsAt: nil) { actions.append(action) }
            }
            if let graceEndsAt = entry.graceEndsAt, graceEndsAt <= now {
                entries[id]?.graceEndsAt = nil
                actions.append(.withdraw(id, entry.job.fence))
            }
        }
        return actions
    }

    /// When `tick` has something to do next.
    var nextTick: JobTime? {
        entries.values.compactMap { entry in
            let deadline = entry.stopReason == nil ? entry.deadlineAt : nil
            return [deadline, entry.graceEndsAt].compactMap { $0 }.min()
        }.min()
    }
}
