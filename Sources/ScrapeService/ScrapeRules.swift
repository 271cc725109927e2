import Database
import Idempotency
import JobQueue
import NIOCore
import RPC
import ServiceContracts

/// What can be done with tasks: knows records and jobs, and nothing of the wire but the words of refusals.
struct ScrapeRules: Sendable {
    /// Executions of one answer about a task's history.
    static let historyMax = 10_000

    let database: any Database
    let queue: JobQueue
    let configuration: ScrapeConfiguration

    /// Makes all of these tasks or none.
    ///
    /// - Parameter call: Keeps the reply, which `reply` makes of the tasks.
    func create(
        _ drafts: [TaskDraft], _ call: KeyedCall?, _ reply: @escaping @Sendable ([TaskRecord]) -> ByteBuffer
    ) async throws -> ByteBuffer {
        let (queue, now) = (queue, configuration.now())
        return try await database.write(admission: .newWork) { transaction in
            let store = TaskStore(transaction)
            let steering = TaskSteering(transaction: transaction, queue: queue, now: now)
            let tasks = try drafts.map { draft in
                let name = PublicName.make("task")
                try store.insert(draft, name: name, at: now)
                if draft.startsAtOnce { return try steering.start(name) }
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
        try await steer(admission: .newWork) { try $0.start(name) }
    }

    /// Ends a task that is pending or runs; nothing more is kept once this has answered.
    func stop(_ name: String) async throws -> TaskRecord { try await steer { try $0.stop(name) } }

    /// Changes what is given; a running execution keeps its own snapshot.
    func update(_ name: String, _ change: TaskChange, at path: FieldCheck.Path) async throws -> TaskRecord {
        try await steer { try $0.update(name, change, at: path) }
    }

    /// Cancels what runs and removes the task with its executions and results.
    func delete(_ name: String) async throws { try await steer { try $0.delete(name) } }

    private func steer<T: Sendable>(
        admission: WriteAdmission = .continuing, _ body: @escaping @Sendable (TaskSteering) throws -> T
    ) async throws -> T {
        let (queue, now, queryMax) = (queue, configuration.now(), configuration.queryCharactersMax)
        return try await database.write(admission: admission) {
            try body(TaskSteering(transaction: $0, queue: queue, now: now, queryCharactersMax: queryMax))
        }
    }

    /// What the task's next execution can cost, or the rest of the one that runs.
    func estimate(_ name: String) async throws -> CostEstimate {
        let (configuration, now) = (configuration, configuration.now())
        return try await database.read { transaction in
            guard let task = try TaskStore(transaction).task(name),
                let parameters = CrawlParameters(task.order.type, stored: task.order.parameters)
            else { throw ScrapeFaults.unknownTask }
            let last = try task.execution.flatMap { try ExecutionStore(transaction).execution(id: $0) }
            let budgets = BudgetStore(transaction, serviceMaxPerDay: configuration.maxCostPerDay)
            let isRunning = task.state.status == .running
            return CostEstimate(
                task: task, plan: CrawlPlan(type: task.order.type, parameters: parameters),
                from: isRunning ? last?.crawl ?? CrawlState() : CrawlState(after: last, of: task),
                prices: configuration.prices, budget: try budgets.budget(of: task, at: now),
                spentToday: try DayCounts(transaction).spent(on: DayCounts.day(of: now), by: task.id),
                currency: configuration.currency)
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

    /// Newest first, without the first ones.
    func history(_ task: String, skip: Int, limit: Int) async throws -> [ExecutionRecord] {
        try await database.read { try ExecutionStore($0).history(of: task, skip: skip, limit: limit) }
    }

    func execution(_ name: String) async throws -> ExecutionRecord {
        guard let execution = try await database.read({ try ExecutionStore($0).execution(name) }) else {
            throw RPCError(.notFound, reason: "execution", "Task execution with ID \(name.prefix(200)) not found")
        }
        return execution
    }
}
