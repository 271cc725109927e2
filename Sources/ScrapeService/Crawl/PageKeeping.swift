import Database
import JobQueue
import ServiceContracts

/// What one call leaves behind: items, cursor, counters and what it cost, in one transaction.
struct PageKeeping: Sendable {
    let plan: CrawlPlan
    let execution: ExecutionRecord
    let records: [NewResult]
    /// Where the crawl was when the page was asked for, and where it goes on.
    let origin: CrawlState
    let state: CrawlState
    let spent: Cost
    /// What all tasks together may spend in a day.
    let serviceMaxPerDay: Cost?

    /// - Returns: Where the crawl goes on, and what it may still spend.
    ///
    /// Throws when the task has another execution now, was stopped or removed: nothing is kept then.
    func keep(in transaction: any Transaction, at now: Int64) throws -> (state: CrawlState, budget: Budget) {
        let tasks = TaskStore(transaction)
        guard let task = try tasks.lockedTask(id: execution.task), task.execution == execution.id,
            task.state.status == .running
        else { throw JobError.leaseLost(execution.job) }
        let results = ResultStore(transaction)
        let known = try results.known(records.map(\.upstreamID), of: task.id)
        var state = state
        var added: [NewResult] = []
        let executions = ExecutionStore(transaction)
        var lastCompleted: Int64?
        var seen: Set<String> = []
        scan: for record in records where seen.insert(record.upstreamID).inserted {
            guard let earlier = known[record.upstreamID] else {
                added.append(record)
                continue
            }
            switch execution.order.dedup {
            case .skip: continue
            case .overwrite: try results.overwrite(record, task: task.id, execution: execution.id, at: now)
            case .stop:
                // The API moves items to later pages while new ones come: those of this crawl are no end, whichever of
                // its executions brought them.
                let end = try lastCompleted ?? executions.lastCompleted(of: task.id, before: execution.id)
                lastCompleted = end
                if earlier > end { continue }
                plan.leave(origin, &state)
                break scan
            }
        }
        if !records.isEmpty {
            try results.insert(added, task: task.id, execution: execution.id, from: task.results, at: now)
        }
        try executions.update(execution.id, crawl: state, added: added.count, spent: spent)
        try tasks.add(DayCount(requests: 1, items: added.count, spent: spent), to: task.id, at: now)
        let budgets = BudgetStore(transaction, serviceMaxPerDay: serviceMaxPerDay)
        return (state, try budgets.budget(of: task.adding(spent), at: now))
    }
}
