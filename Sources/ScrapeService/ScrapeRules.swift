import Database
import Idempotency
import JSONBytes
import JobQueue
import NIOCore
import RPC
import ServiceContracts

/// What can be done with tasks: knows records and jobs, and nothing of the wire but the words of refusals.
struct ScrapeRules: Sendable {
    /// Executions of one history.
    static let historyMax = 1_000

    let database: any Database
    let queue: JobQueue

    /// Makes all of these tasks or none.
    ///
    /// - Parameter call: Keeps the reply, which `reply` makes of the tasks.
    func create(
        _ drafts: [TaskDraft], _ call: KeyedCall?, _ reply: @escaping @Sendable ([TaskRecord]) -> ByteBuffer
    ) async throws -> ByteBuffer {
        let queue = queue
        return try await database.write(admission: .newWork) { transaction in
            let store = TaskStore(transaction)
            let tasks = try drafts.map { draft in
                let name = PublicName.make("task")
                try store.insert(draft, name: name, at: UTCTime.now())
                if draft.startsAtOnce { return try Self.start(name, queue, transaction) }
                guard let task = try store.task(name) else { throw ScrapeFaults.unknownTask }
                return task
            }
            let answer = reply(tasks)
            try call?.keep(answer, in: transaction)
            return answer
        }
    }

    func task(_ name: String) async throws -> TaskRecord {
        guard let task = try await database.read({ try TaskStore($0).task(name) }) else {
            throw ScrapeFaults.unknownTask
        }
        return task
    }

    /// Begins an execution; a task that runs stays as it is.
    func start(_ name: String) async throws -> TaskRecord {
        let queue = queue
        return try await database.write(admission: .newWork) { try Self.start(name, queue, $0) }
    }

    private static func start(
        _ name: String, _ queue: JobQueue, _ transaction: any Transaction
    ) throws -> TaskRecord {
        let store = TaskStore(transaction)
        guard var task = try store.lockedTask(name, queue) else { throw ScrapeFaults.unknownTask }
        guard task.status != .running else { return try store.task(name) ?? task }
        // Ended jobs are removed some day; the task outlives them.
        let predecessor = try task.job.flatMap { try queue.state(of: $0, in: transaction) == nil ? nil : $0 }
        let job = try queue.submit(ScrapeJob.newJob(after: predecessor), in: transaction)
        let last = try task.execution.flatMap { try ExecutionStore(transaction).execution(id: $0) }
        try store.begin(&task, job: job.id, after: last, at: UTCTime.now())
        return task
    }

    /// Ends a task that is pending or runs; nothing more is kept once this has answered.
    func stop(_ name: String) async throws -> TaskRecord {
        let queue = queue
        return try await database.write { transaction in
            let store = TaskStore(transaction)
            guard var task = try store.lockedTask(name, queue) else { throw ScrapeFaults.unknownTask }
            guard task.status == .pending || task.status == .running else { return task }
            let now = UTCTime.now()
            if task.status == .running, let execution = task.execution, let job = task.job {
                // The record first: the queue may end a job that has not begun at once, and tell of it.
                try ExecutionStore(transaction).end(execution, .stopped, error: nil, at: now)
                task.status = .stopped
                task.updatedAt = now
                try store.update(task)
                _ = try queue.cancel(job, in: transaction)
            } else {
                task.status = .stopped
                task.updatedAt = now
                try store.update(task)
            }
            return task
        }
    }

    /// Changes what is given; a running execution keeps its own snapshot.
    func update(_ name: String, _ change: TaskChange, at path: FieldCheck.Path) async throws -> TaskRecord {
        let queue = queue
        return try await database.write { transaction in
            let store = TaskStore(transaction)
            guard var task = try store.lockedTask(name, queue) else { throw ScrapeFaults.unknownTask }
            if let parameters = change.parameters {
                var fields = FieldCheck()
                task.parameters =
                    TaskDraft.parameters(parameters, of: task.type, at: path + ["parameters"], &fields)
                    ?? task.parameters
                try fields.check()
            }
            try Self.checkStatus(change, of: task)
            task.taskName = change.name ?? task.taskName
            task.describe = change.describe.applied(to: task.describe)
            task.accountID = change.accountID.applied(to: task.accountID)
            task.proxyID = change.proxyID.applied(to: task.proxyID)
            task.dedup = change.dedup ?? task.dedup
            if change.rearms {
                task.status = .pending
                task.errorMessage = nil
            }
            task.updatedAt = UTCTime.now()
            try store.update(task)
            return try store.task(name) ?? task
        }
    }

    private static func checkStatus(_ change: TaskChange, of task: TaskRecord) throws {
        if let word = change.refusedStatus {
            throw RPCError(
                .failedPrecondition, reason: "status", "status can only be set to PENDING, found \(word.prefix(40))")
        }
        guard change.rearms, task.status == .running else { return }
        throw RPCError(
            .failedPrecondition, reason: "running", "status can be set to PENDING once the task does not run any more")
    }

    /// Cancels what runs and removes the task with its executions and results.
    func delete(_ name: String) async throws {
        let queue = queue
        try await database.write { transaction in
            let store = TaskStore(transaction)
            guard let task = try store.lockedTask(name, queue) else { throw ScrapeFaults.unknownTask }
            try store.delete(task)
            if task.status == .running, let job = task.job { _ = try queue.cancel(job, in: transaction) }
        }
    }

    func tasks(_ filter: TaskFilter, _ part: ListPart) async throws -> (items: [TaskRecord], total: Int) {
        try await database.read { try TaskStore($0).page(filter, part) }
    }

    func executions(
        task: String?, status: String?, _ part: ListPart
    ) async throws -> (items: [ExecutionRecord], total: Int) {
        try await database.read { try ExecutionStore($0).page(task: task, status: status, part) }
    }

    func history(_ task: String) async throws -> [ExecutionRecord] {
        try await database.read { try ExecutionStore($0).history(of: task, limit: Self.historyMax) }
    }

    func execution(_ name: String) async throws -> ExecutionRecord {
        guard let execution = try await database.read({ try ExecutionStore($0).execution(name) }) else {
            throw RPCError(.notFound, reason: "execution", "Task execution with ID \(name.prefix(200)) not found")
        }
        return execution
    }
}
