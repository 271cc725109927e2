import Database
import JSONBytes
import JobQueue
import Logging
import ServiceContracts
import XAPI

/// The work of one execution: page after page, each kept before the next one is asked for.
///
/// A job whose process died goes on behind the last page that was kept. Only pages are tried again; a job that waits for
/// the API's next window gives its slot away meanwhile.
struct ScrapeJob: JobHandler {
    static let name = "scrape"
    /// The wait where the API refuses calls without saying for how long, in seconds.
    static let refusalSecondsDefault = 60
    /// The longest wait for the API's next window, in seconds; its own are of a quarter of an hour or a day.
    static let waitSecondsMax = 86_400

    let kind: String = ScrapeJob.name
    let configuration: ScrapeConfiguration
    let database: any Database
    let credentials: Credentials
    let api: XAPIClient
    let windows: RateWindows
    let logger: Logger

    /// The job of a task's next execution, which finds its record by the job's number.
    static func newJob(after predecessor: JobID?) -> NewJob {
        NewJob(kind: name, queue: name, retry: .never, rescue: .resume, predecessor: predecessor)
    }

    func run(_ job: RunningJob) async throws -> JobOutcome {
        let id = job.id
        guard let execution = try await database.read({ try ExecutionStore($0).execution(job: id) }),
            let parameters = CrawlParameters(execution.type, stored: execution.parameters)
        else { return .failed(reason: "INTERRUPTED: the execution cannot be read any more") }
        do {
            let credential = try await credentials.credential(account: execution.accountID, proxy: execution.proxyID)
            let plan = CrawlPlan(type: execution.type, parameters: parameters)
            return try await crawl(plan, execution, credential, job)
        } catch let failure as XAPIFailure {
            // Stopped by a cancel or shutdown: there is no outcome to report.
            try Task.checkCancellation()
            return .failed(reason: failure.description)
        } catch let failure as CredentialFailure {
            return .failed(reason: failure.description)
        }
    }

    private func crawl(
        _ plan: CrawlPlan, _ execution: ExecutionRecord, _ credential: Credential, _ job: RunningJob
    ) async throws -> JobOutcome {
        var state = execution.crawl
        var hasBegunAnew = false
        while true {
            let request: XRequest
            switch plan.next(state) {
            case .finished: return .succeeded()
            case .resolve(let resolve): request = resolve
            case .page(let page): request = page
            }
            let key = RateWindows.Key(credential: credential.id, endpoint: request.endpoint.bucket)
            if let resetAt = windows.take(key, now: now()) {
                return try await park(until: resetAt, state, execution, job)
            }
            guard state.requests < configuration.requestsMax else {
                return .failed(reason: "REQUESTS_MAX: no end after \(state.requests) calls; a start goes on there")
            }
            state.requests += 1
            switch await fetch(request, credential) {
            case .success(let page):
                if let limit = page.rateLimit { windows.learn(key, limit, now: now()) }
                try await keep(page, of: request, plan, &state, execution, job)
                job.progress(JobProgress(done: state.fetched, total: plan.parameters.limit))
            case .failure(.rateLimited(let reset)):
                state.refusals += 1
                guard state.refusals < configuration.refusalsMax else { throw XAPIFailure.rateLimited(resetAt: reset) }
                let resetAt = Self.end(ofWindow: reset ?? now() + Self.refusalSecondsDefault, now: now())
                windows.close(key, until: resetAt)
                return try await park(until: resetAt, state, execution, job)
            case .failure(.refused) where !hasBegunAnew && plan.beginAnew(&state): hasBegunAnew = true
            case .failure(let failure): throw failure
            }
        }
    }

    private func fetch(_ request: XRequest, _ credential: Credential) async -> Result<XPage, XAPIFailure> {
        do throws(XAPIFailure) {
            return .success(try await api.page(request, token: credential.token, proxy: credential.proxy))
        } catch {
            return .failure(error)
        }
    }

    /// A window's end as the API says it, within what is waited for.
    private static func end(ofWindow resetAt: Int, now: Int) -> Int {
        min(max(resetAt, now), now + waitSecondsMax)
    }

    private func now() -> Int { Int(UTCTime.now() / 1_000) }

    /// Keeps a page with the cursor behind it, or the id behind a user's name.
    private func keep(
        _ page: XPage, of request: XRequest, _ plan: CrawlPlan, _ state: inout CrawlState,
        _ execution: ExecutionRecord, _ job: RunningJob
    ) async throws {
        if case .user = request.endpoint, plan.type != .userInfo {
            state.upstreamUser = page.items.first?["id"]?.string
            guard state.upstreamUser != nil else {
                throw XAPIFailure.notFound("no user named \(plan.parameters.subject)")
            }
            let found = state
            try await job.write { try ExecutionStore($0).update(execution.id, crawl: found) }
            return
        }
        let records = plan.take(page, &state).map { NewResult(upstreamID: $0.id, data: $0.data.bytes) }
        let keeping = PageKeeping(plan: plan, execution: execution, records: records, state: state)
        state = try await job.write { try keeping.keep(in: $0) }
    }

    /// Gives the slot away until the API's next window.
    private func park(
        until resetAt: Int, _ state: CrawlState, _ execution: ExecutionRecord, _ job: RunningJob
    ) async throws -> JobOutcome {
        let until = Int64(Self.end(ofWindow: resetAt, now: now()) + 1) * 1_000
        try await job.write { try ExecutionStore($0).update(execution.id, crawl: state, waitsUntil: until) }
        return .park(until: JobTime(milliseconds: until), note: "waiting for the API's next window")
    }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        let executions = ExecutionStore(transaction)
        // A stop has been told already, and a deleted task has no executions.
        guard let execution = try executions.execution(job: job.id), execution.status == .running else { return }
        let status: ScrapeStatus =
            switch job.state {
            case .succeeded: .completed
            case .cancelled: .stopped
            default: .failed
            }
        let reason = status == .failed ? Self.reason(job.reason) : nil
        let now = job.endedAt.milliseconds
        try executions.end(execution.id, status, error: reason, at: now)
        let tasks = TaskStore(transaction)
        guard var task = try tasks.lockedTask(id: execution.task), task.execution == execution.id else { return }
        task.status = status
        task.errorMessage = reason
        task.updatedAt = now
        if status == .completed { task.newestID = CrawlState.newer(task.newestID, execution.crawl.newestID) }
        try tasks.update(task)
        let (logger, name) = (logger, task.name)
        transaction.afterCommit {
            logger.info("execution ended", metadata: ["task": "\(name)", "status": "\(status.rawValue)"])
        }
    }

    func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws {
        let executions = ExecutionStore(transaction)
        guard let last = try executions.execution(job: old) else { return }
        let tasks = TaskStore(transaction)
        guard var task = try tasks.lockedTask(id: last.task), task.execution == last.id else { return }
        try tasks.begin(&task, job: new, after: last, at: UTCTime.now())
    }

    /// What failed without a word of ours is a process that died too often, or a store that did not take the end.
    private static func reason(_ reason: String?) -> String {
        let text = reason ?? "the execution ended without a reason"
        let word = text.prefix { $0 != ":" }
        let isTyped = word.count < text.count && word.allSatisfy { $0.isUppercase || $0 == "_" }
        return isTyped ? text : "INTERRUPTED: \(text)"
    }
}
