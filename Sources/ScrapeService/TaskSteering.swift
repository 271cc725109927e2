import Database
import JobQueue
import RPC
import ServiceContracts

/// What can be done to one task, inside a transaction.
///
/// A task and its job are locked before anything is decided, so whoever comes at the same time finds what was done.
struct TaskSteering {
    let transaction: any Transaction
    let queue: JobQueue
    let now: Int64
    /// Characters of a whole query, as the API takes it.
    var queryCharactersMax = CrawlParameters.queryCharactersDefault

    private var store: TaskStore { TaskStore(transaction) }

    private func locked(_ name: String) throws -> TaskRecord {
        guard let task = try store.lockedTask(name, queue) else { throw ScrapeFaults.unknownTask }
        return task
    }

    /// Begins an execution; a task that runs stays as it is.
    func start(_ name: String) throws -> TaskRecord {
        var task = try locked(name)
        guard task.state.status != .running else { return try store.task(name) ?? task }
        // Ended jobs are removed some day; the task outlives them.
        let predecessor = try task.job.flatMap { try queue.state(of: $0, in: transaction) == nil ? nil : $0 }
        let job = try queue.submit(ScrapeJob.newJob(after: predecessor), in: transaction)
        let last = try task.execution.flatMap { try ExecutionStore(transaction).execution(id: $0) }
        try store.begin(&task, job: job.id, after: last, at: now)
        return task
    }

    /// Ends a task that is pending or runs; nothing more is kept from then on.
    func stop(_ name: String) throws -> TaskRecord {
        var task = try locked(name)
        let isRunning = task.state.status == .running
        guard isRunning || task.state.status == .pending else { return task }
        // The record first: the queue may end a job that has not begun at once, and tell of it.
        let executions = ExecutionStore(transaction)
        if isRunning, let execution = try task.execution.flatMap({ try executions.execution(id: $0) }) {
            try executions.end(execution, .stopped, error: nil, at: now)
        }
        task.state.status = .stopped
        task.updatedAt = now
        try store.update(task)
        if isRunning, let job = task.job { _ = try queue.cancel(job, in: transaction) }
        return task
    }

    /// Changes what is given; a running execution keeps its own snapshot, but not its budget.
    func update(_ name: String, _ change: TaskChange, at path: FieldCheck.Path) throws -> TaskRecord {
        var task = try locked(name)
        if let parameters = change.parameters {
            var fields = FieldCheck(queryCharactersMax: queryCharactersMax)
            task.order.parameters =
                TaskDraft.parameters(parameters, of: task.order.type, at: path + ["parameters"], &fields)
                ?? task.order.parameters
            try fields.check()
        }
        try Self.checkStatus(change, of: task)
        task.taskName = change.name ?? task.taskName
        task.describe = change.describe.applied(to: task.describe)
        task.order.accountID = change.accountID.applied(to: task.order.accountID)
        task.order.proxyID = change.proxyID.applied(to: task.order.proxyID)
        task.order.dedup = change.dedup ?? task.order.dedup
        task.maxCost = change.maxCost.applied(to: task.maxCost)
        task.maxCostPerDay = change.maxCostPerDay.applied(to: task.maxCostPerDay)
        if change.rearms {
            task.state.status = .pending
            task.state.errorMessage = nil
        }
        task.updatedAt = now
        try store.update(task)
        return try store.task(name) ?? task
    }

    private static func checkStatus(_ change: TaskChange, of task: TaskRecord) throws {
        if let word = change.refusedStatus {
            throw RPCError(
                .failedPrecondition, reason: "status", "status can only be set to PENDING, found \(word.prefix(40))")
        }
        guard change.rearms, task.state.status == .running else { return }
        throw RPCError(
            .failedPrecondition, reason: "running", "status can be set to PENDING once the task does not run any more")
    }

    /// Cancels what runs and removes the task with everything that is its own.
    func delete(_ name: String) throws {
        let task = try locked(name)
        _ = try queue.unschedule(TaskSchedule.name(of: name), in: transaction)
        try store.delete(task)
        if task.state.status == .running, let job = task.job { _ = try queue.cancel(job, in: transaction) }
    }
}
