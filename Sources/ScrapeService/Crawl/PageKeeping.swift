import Database
import JobQueue
import ServiceContracts

/// What one page leaves behind: items, cursor and counters, in one transaction.
struct PageKeeping: Sendable {
    let plan: CrawlPlan
    let execution: ExecutionRecord
    let records: [NewResult]
    let state: CrawlState

    /// - Returns: Where the crawl goes on.
    ///
    /// Throws when the task has another execution now, was stopped or removed: nothing is kept then.
    func keep(in transaction: any Transaction) throws -> CrawlState {
        guard let task = try TaskStore(transaction).lockedTask(id: execution.task), task.execution == execution.id,
            task.status == .running
        else { throw JobError.leaseLost(execution.job) }
        let results = ResultStore(transaction)
        let known = try results.known(records.map(\.upstreamID), of: task.id)
        let now = UTCTime.now()
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
            switch execution.dedup {
            case .skip: continue
            case .overwrite: try results.overwrite(record, task: task.id, execution: execution.id, at: now)
            case .stop:
                // The API moves items to later pages while new ones come: those of this crawl are no end, whichever of
                // its executions brought them.
                let end = try lastCompleted ?? executions.lastCompleted(of: task.id, before: execution.id)
                lastCompleted = end
                if earlier > end { continue }
                plan.exhaust(&state)
                break scan
            }
        }
        try results.insert(added, task: task.id, execution: execution.id, from: task.results, at: now)
        try executions.update(execution.id, crawl: state, added: added.count)
        return state
    }
}
