import Database
import JSONBytes
import JobQueue
import ServiceContracts
import XAPI

/// What every execution works with.
struct CrawlTools: Sendable {
    let configuration: ScrapeConfiguration
    let database: any Database
    let api: XAPIClient
    let windows: RateWindows

    /// The present second since 1970, as the API counts.
    var seconds: @Sendable () -> Int {
        let now = configuration.now
        return { Int(now() / 1_000) }
    }
}

/// One execution at work: page after page, each kept before the next one is asked for.
struct CrawlRun: Sendable {
    /// The wait where the API refuses calls without saying for how long, in seconds.
    private static let refusalSecondsDefault = 60

    let tools: CrawlTools
    let plan: CrawlPlan
    let execution: ExecutionRecord
    let credential: Credential
    let notices: TaskNotices
    let job: RunningJob
    private var state: CrawlState
    private var budget = Budget()
    private var hasBegunAnew = false

    init(
        _ tools: CrawlTools, _ plan: CrawlPlan, _ execution: ExecutionRecord, _ credential: Credential,
        _ notices: TaskNotices, _ job: RunningJob
    ) {
        self.tools = tools
        self.plan = plan
        self.execution = execution
        self.credential = credential
        self.notices = notices
        self.job = job
        state = execution.crawl
    }

    private var configuration: ScrapeConfiguration { tools.configuration }
    /// In seconds since 1970, as the API counts.
    private var seconds: Int { tools.seconds() }

    /// Works until the end, or until something has to be waited for.
    mutating func run() async throws -> JobOutcome {
        budget = try await readBudget()
        while true {
            guard var request = plan.next(state).request else { return .succeeded() }
            switch budget.verdict(on: request, price: configuration.prices.price(of: request.endpoint)) {
            case .items(let most): request.count = min(request.count, most)
            case .reached(let bound): return try await reached(bound)
            }
            let key = RateWindows.Key(credential: credential.id, endpoint: request.endpoint.bucket)
            guard state.requests < configuration.requestsMax else {
                return .failed(reason: "REQUESTS_MAX: no end after \(state.requests) calls; a start goes on there")
            }
            let isFirst: Bool
            switch try await tools.windows.take(key, now: tools.seconds) {
            case .call(let first): isFirst = first
            case .until(let resetAt): return try await wait(untilReset: resetAt, requests: 0)
            }
            state.requests += 1
            switch await fetch(request, key) {
            case .success(let page):
                state.refusals = 0
                try await keep(page, of: request)
                job.progress(JobProgress(done: state.fetched, total: plan.parameters.limit))
            case .failure(.rateLimited(let reset)):
                // What other executions took of the same window is nobody's failure.
                if isFirst { state.refusals += 1 }
                guard state.refusals < configuration.refusalsMax else { throw XAPIFailure.rateLimited(resetAt: reset) }
                return try await wait(untilReset: reset ?? seconds + Self.refusalSecondsDefault, requests: 1)
            case .failure(.refused) where (!hasBegunAnew || state.untilID != nil) && plan.beginAnew(&state):
                hasBegunAnew = true
                try await keepState()
            case .failure(let failure): throw failure
            }
        }
    }

    /// A window's end as the API says it, within what is waited for.
    private func end(ofWindow resetAt: Int) -> Int { min(max(resetAt, seconds), seconds + RateWindows.waitSecondsMax) }

    private func readBudget() async throws -> Budget {
        let (id, most, now) = (execution.task, configuration.maxCostPerDay, configuration.now())
        return try await tools.database.read { transaction in
            guard let task = try TaskStore(transaction).task(id: id) else { return Budget() }
            return try BudgetStore(transaction, serviceMaxPerDay: most).budget(of: task, at: now)
        }
    }

    /// What answers say of the window is noted before others have their turn.
    private func fetch(_ request: XRequest, _ key: RateWindows.Key) async -> Result<XPage, XAPIFailure> {
        let (windows, now) = (tools.windows, tools.seconds)
        defer { windows.answered(key) }
        do throws(XAPIFailure) {
            return .success(
                try await tools.api.page(request, token: credential.token, route: credential.route) {
                    windows.learn(key, $0, now: now())
                })
        } catch {
            if case .rateLimited(let reset) = error {
                windows.close(key, until: end(ofWindow: reset ?? seconds + Self.refusalSecondsDefault))
            }
            return .failure(error)
        }
    }

    /// Keeps where the crawl is: what the API did not take is not asked for again.
    private func keepState() async throws {
        let (id, crawl) = (execution.id, state)
        try await job.write { try ExecutionStore($0).update(id, crawl: crawl) }
    }

    /// Keeps a page with the cursor behind it, or the id behind a user's name; and what it cost.
    private mutating func keep(_ page: XPage, of request: XRequest) async throws {
        let origin = state
        var records: [NewResult] = []
        if plan.isResolving(request) {
            state.upstreamUser = page.items.first?["id"]?.string
            guard state.upstreamUser != nil else {
                throw XAPIFailure.notFound("no user named \(plan.parameters.subject)")
            }
        } else {
            records = plan.take(page, &state).map { NewResult(upstreamID: $0.id, data: $0.data.bytes) }
        }
        let keeping = PageKeeping(
            plan: plan, execution: execution, records: records, origin: origin, state: state,
            spent: configuration.prices.price(of: request.endpoint) * page.items.count,
            serviceMaxPerDay: configuration.maxCostPerDay)
        let now = configuration.now()
        (state, budget) = try await job.write { try keeping.keep(in: $0, at: now) }
    }

    /// A task's own budget is not there again tomorrow; that of a day is.
    private func reached(_ bound: Budget.Bound) async throws -> JobOutcome {
        if bound == .task, let line = budget.line(bound) {
            throw BudgetReached(line: line, currency: configuration.currency)
        }
        let tomorrow = DayCounts.start(of: DayCounts.day(of: configuration.now()) + 1)
        return try await wait(
            ScrapeWait(.budget, until: tomorrow, budget: budget.bounds), "the day's budget is spent", requests: 0)
    }

    /// - Parameter requests: Those that were refused.
    private func wait(untilReset resetAt: Int, requests: Int) async throws -> JobOutcome {
        let until = Int64(end(ofWindow: resetAt) + 1) * 1_000
        return try await wait(
            ScrapeWait(.rateLimit, until: until), "waiting for the API's next window", requests: requests)
    }

    /// Gives the slot away until then.
    private func wait(_ wait: ScrapeWait, _ note: String, requests: Int) async throws -> JobOutcome {
        let (execution, crawl, notices, now) = (execution, state, notices, configuration.now())
        // Once, however often the process dies before the job is put away.
        let isNew = execution.state.wait != wait
        let count = DayCount(
            requests: requests, waits: isNew ? 1 : 0, waitedMilliseconds: isNew ? max(0, wait.until - now) : 0)
        try await job.write { transaction in
            try ExecutionStore(transaction).update(execution.id, crawl: crawl, wait: wait)
            try DayCounts(transaction).add(count, to: execution.task, at: now)
            guard wait.phase == .budget, isNew,
                let task = try TaskStore(transaction).task(id: execution.task),
                let present = try ExecutionStore(transaction).execution(id: execution.id)
            else { return }
            try notices.tell([.budget], of: task, present, at: now, in: transaction)
        }
        return .park(until: JobTime(milliseconds: wait.until), note: note)
    }
}

extension CrawlPlan.Step {
    fileprivate var request: XRequest? {
        switch self {
        case .resolve(let request), .page(let request): request
        case .finished: nil
        }
    }
}
