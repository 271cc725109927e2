import Database
import JobQueue
import Logging
import ServiceContracts
import XAPI

/// The work of one execution.
///
/// A job whose process died goes on behind the last page that was kept. Only pages are tried again; a job that waits for
/// the API's next window gives its slot away meanwhile.
struct ScrapeJob: JobHandler {
    static let name = "scrape"

    let kind: String = ScrapeJob.name
    let tools: CrawlTools
    let credentials: Credentials
    let notices: TaskNotices
    let logger: Logger

    /// The job of a task's next execution, which finds its record by the job's number.
    static func newJob(after predecessor: JobID?) -> NewJob {
        NewJob(kind: name, queue: name, retry: .never, rescue: .resume, predecessor: predecessor)
    }

    func run(_ job: RunningJob) async throws -> JobOutcome {
        let id = job.id
        guard let execution = try await tools.database.read({ try ExecutionStore($0).execution(job: id) }),
            let parameters = CrawlParameters(execution.order.type, stored: execution.order.parameters)
        else { return .failed(reason: "INTERRUPTED: the execution cannot be read any more") }
        do {
            let order = execution.order
            let credential = try await credentials.credential(account: order.accountID, proxy: order.proxyID)
            let plan = CrawlPlan(type: order.type, parameters: parameters)
            var run = CrawlRun(tools, plan, execution, credential, notices, job)
            return try await run.run()
        } catch let failure as XAPIFailure {
            // Stopped by a cancel or shutdown: there is no outcome to report.
            try Task.checkCancellation()
            return .failed(reason: failure.description)
        } catch let failure as CredentialFailure {
            return .failed(reason: failure.description)
        } catch let failure as BudgetReached {
            return .failed(reason: failure.description)
        }
    }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        let executions = ExecutionStore(transaction)
        // A stop has been told already, and a deleted task has no executions.
        guard let execution = try executions.execution(job: job.id), execution.state.status == .running else { return }
        let status: ScrapeStatus =
            switch job.state {
            case .succeeded: .completed
            case .cancelled: .stopped
            default: .failed
            }
        let reason = status == .failed ? Self.reason(job.reason) : nil
        let now = job.endedAt.milliseconds
        try executions.end(execution, status, error: reason, at: now)
        let tasks = TaskStore(transaction)
        guard var task = try tasks.lockedTask(id: execution.task), task.execution == execution.id else { return }
        task.state.status = status
        task.state.errorMessage = reason
        task.updatedAt = now
        if status == .completed { task.newestID = CrawlState.newer(task.newestID, execution.crawl.newestID) }
        try tasks.update(task)
        let events = TaskNotices.events(of: execution, status, error: reason)
        try notices.tell(events, of: task, execution, at: now, in: transaction)
        try noteTrouble(of: execution, status, reason, at: now, in: transaction)
        let (logger, name) = (logger, task.name)
        transaction.afterCommit {
            logger.info("execution ended", metadata: ["task": "\(name)", "status": "\(status.rawValue)"])
        }
    }

    /// Shows a credential that the API does not serve, until it does.
    private func noteTrouble(
        of execution: ExecutionRecord, _ status: ScrapeStatus, _ reason: String?, at now: Int64,
        in transaction: any Transaction
    ) throws {
        let credential = execution.order.accountID ?? ""
        let troubles = TroubleStore(transaction)
        if status == .completed { return try troubles.clear(credential) }
        guard let reason, let word = reason.split(separator: ":").first.map(String.init),
            CredentialTrouble.reasons.contains(word)
        else { return }
        try troubles.note(word, String(reason.dropFirst(word.count + 2)), of: credential, at: now)
    }

    func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws {
        let executions = ExecutionStore(transaction)
        guard let last = try executions.execution(job: old) else { return }
        let tasks = TaskStore(transaction)
        guard var task = try tasks.lockedTask(id: last.task), task.execution == last.id else { return }
        try tasks.begin(&task, job: new, after: last, at: tools.configuration.now())
    }

    /// What failed without a word of ours is a process that died too often, or a store that did not take the end.
    private static func reason(_ reason: String?) -> String {
        let text = reason ?? "the execution ended without a reason"
        let word = text.prefix { $0 != ":" }
        let isTyped = word.count < text.count && word.allSatisfy { $0.isUppercase || $0 == "_" }
        return isTyped ? text : "INTERRUPTED: \(text)"
    }
}
