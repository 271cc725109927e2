import Database
import HTTPFetch
import JSONBytes
import Logging
import RPC
import ServiceContracts
import TestSupport

@testable import JobQueue
@testable import ScrapeService
@testable import XAPI

/// A store, its clock, tasks and two processes that crawl, in one transaction; every step and every fault is drawn from
/// the seed.
///
/// Callers start, stop, change and delete while pages come; processes die, or are taken for dead and go on; a page is
/// kept and nobody is told; new posts appear.
struct ScrapeSimulation {
    static let deadAfter = Duration.seconds(15)
    private static let tasksMax = 3

    let seed: UInt64
    let transaction: any Transaction
    let parts: SimulatedParts
    var random: SeededGenerator
    var step = 0
    var processes: [SimulatedCrawler] = []
    private var processesMade = 0

    /// Posts there are at the API; later ones have greater numbers.
    var posts = 12
    var tasks: [String] = []
    /// How many results tasks had when they were deleted, by number.
    var deleted: [Int64: Int] = [:]
    /// What answered pages have cost, and those of which nobody was told.
    var spent = Cost.zero
    /// Executions that have ended, as they were then.
    var ended: [Int64: EndedExecution] = [:]

    var jobs: JobStore { JobStore(transaction) }
    var now: JobTime { parts.time.value }
    var steering: TaskSteering {
        TaskSteering(transaction: transaction, queue: parts.queue, now: now.milliseconds)
    }

    init(seed: UInt64, _ parts: SimulatedParts, _ transaction: any Transaction) throws {
        self.seed = seed
        self.parts = parts
        self.transaction = transaction
        random = SeededGenerator(seed: seed)
        parts.time.change { $0 = JobTime(milliseconds: 1_900_000_000_000) }
        for _ in 0..<2 { processes.append(try makeProcess()) }
        try create()
    }

    /// Lives `steps` steps in trouble, then heals: everything is fetched, once.
    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            step += 1
            try live()
            if step % 4 == 0 { try check() }
        }
        try heal()
        try check()
    }

    private mutating func live() throws {
        let place = Int.random(in: 0..<processes.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<4: try create()
        case 4..<16: try steer { try $0.start($1) }
        case 16..<24: try steer { try $0.stop($1) }
        case 24..<30: try update()
        case 30..<33: try delete()
        case 33..<50: try claim(place)
        case 50..<78: try crawl(place)
        case 78..<82: try fail(place)
        case 82..<86: try lateCrawl(place)
        case 86..<89: try beat(place)
        case 89..<93: try lead(place)
        case 93..<96: try die(place)
        case 96..<98: posts += Int.random(in: 1...5, using: &random)
        default: passTime()
        }
    }

    private mutating func create() throws {
        guard tasks.count < Self.tasksMax else { return }
        var fields = FieldCheck()
        var draft: [JSONMember] = [
            JSONMember("task_name", "t"), JSONMember("task_type", "USER_TWEETS"), JSONMember("user_id", "u"),
            JSONMember("parameters", ["username": "a", "limit": 100_000]),
        ]
        if random.chance(percent: 30) { draft.append(JSONMember("max_cost", 0.1)) }
        guard let task = TaskDraft(.object(draft), at: [], &fields) else { throw violation("a task is refused") }
        let name = "task-\(seed)-\(step)"
        try TaskStore(transaction).insert(task, name: name, at: now.milliseconds)
        tasks.append(name)
    }

    private mutating func steer(_ body: (TaskSteering, String) throws -> TaskRecord) throws {
        guard let name = tasks.randomElement(using: &random) else { return }
        _ = try body(steering, name)
    }

    private mutating func update() throws {
        guard let name = tasks.randomElement(using: &random) else { return }
        let bodies: [JSONValue] = [
            ["task_name": "other"], ["status": "PENDING"], ["max_cost": nil], ["max_cost": 0.2],
            ["parameters": ["username": "a", "limit": 100_000, "include_replies": true]],
        ]
        guard let body = bodies.randomElement(using: &random) else { return }
        do {
            _ = try steering.update(name, try TaskChange(body, at: []), at: [])
        } catch let error as RPCError where error.reason == "running" {
            guard try TaskStore(transaction).task(name)?.state.status == .running else {
                throw violation("a task that does not run cannot be armed")
            }
        }
    }

    private mutating func delete() throws {
        guard let name = tasks.randomElement(using: &random), let task = try TaskStore(transaction).task(name) else {
            return
        }
        try steering.delete(name)
        tasks.removeAll { $0 == name }
        deleted[task.id] = task.results
    }

    mutating func claim(_ place: Int) throws {
        try jobs.promote(now: now)
        let request = ClaimRequest(
            queues: [QueueOptions(name: ScrapeJob.name, concurrencyMax: 2)], kinds: [ScrapeJob.name], jobsMax: 2,
            rescuesBeforeAlone: 2, worker: processes[place].worker, livingSince: now - Self.deadAfter, now: now)
        for job in try jobs.claim(request).jobs {
            guard let execution = try ExecutionStore(transaction).execution(job: job.id),
                let parameters = CrawlParameters(execution.order.type, stored: execution.order.parameters)
            else { throw violation("job \(job.id) has no execution that can be read") }
            let plan = CrawlPlan(type: execution.order.type, parameters: parameters)
            let budget = try TaskStore(transaction).task(id: execution.task).map {
                try BudgetStore(transaction, serviceMaxPerDay: nil).budget(of: $0, at: now.milliseconds)
            }
            processes[place].live.append(
                SimulatedCrawl(
                    job: job, execution: execution, plan: plan, state: execution.crawl, budget: budget ?? Budget()))
        }
    }

    /// One call of the API and what is kept of it, or the end.
    mutating func crawl(_ place: Int) throws {
        guard let index = processes[place].live.indices.randomElement(using: &random) else { return }
        var crawl = processes[place].live[index]
        guard try advance(&crawl) else {
            processes[place].live.remove(at: index)
            return
        }
        // Kept, and the process dies before it is told: then the store's word counts.
        processes[place].live[index] = crawl
    }

    /// - Returns: False when the execution is over, as far as this process is concerned.
    private mutating func advance(_ crawl: inout SimulatedCrawl) throws -> Bool {
        guard let request = crawl.plan.next(crawl.state).asked else {
            try finish(crawl, .outcome(.succeeded()))
            return false
        }
        let price = parts.prices.price(of: request.endpoint)
        if case .reached(let bound) = crawl.budget.verdict(on: request, price: price) {
            guard let line = crawl.budget.line(bound) else { throw violation("a bound is reached that is not there") }
            try finish(crawl, .outcome(.failed(reason: BudgetReached(line: line, currency: "USD").description)))
            return false
        }
        if random.chance(percent: 5) {
            try wait(crawl)
            return false
        }
        let page = try SimulatedPages.page(request, posts: posts)
        do {
            try keep(page, of: request, price * page.items.count, &crawl)
            return true
        } catch JobError.leaseLost {
            return false
        }
    }

    /// As the running job would, in a transaction that confirms its lease first.
    private mutating func keep(
        _ page: XPage, of request: XRequest, _ cost: Cost, _ crawl: inout SimulatedCrawl
    ) throws {
        let origin = crawl.state
        var records: [NewResult] = []
        if crawl.plan.isResolving(request) {
            crawl.state.upstreamUser = "1"
        } else {
            records = crawl.plan.take(page, &crawl.state).map { NewResult(upstreamID: $0.id, data: $0.data.bytes) }
        }
        let before = try TaskStore(transaction).task(id: crawl.execution.task)?.state.status
        try jobs.confirmLease(of: crawl.job.id, fence: crawl.job.fence)
        let keeping = PageKeeping(
            plan: crawl.plan, execution: crawl.execution, records: records, origin: origin,
            state: crawl.state, spent: cost, serviceMaxPerDay: nil)
        (crawl.state, crawl.budget) = try keeping.keep(in: transaction, at: now.milliseconds)
        spent = spent + cost
        if before != .running { throw violation("a page was kept of a task that does not run") }
    }

    private mutating func wait(_ crawl: SimulatedCrawl) throws {
        do {
            try jobs.confirmLease(of: crawl.job.id, fence: crawl.job.fence)
        } catch JobError.leaseLost {
            return
        }
        let until = now + .seconds(30)
        let wait = ScrapeWait(.rateLimit, until: until.milliseconds)
        try ExecutionStore(transaction).update(crawl.execution.id, crawl: crawl.state, wait: wait)
        try finish(crawl, .outcome(.park(until: until, note: "waiting")))
    }

    private mutating func fail(_ place: Int) throws {
        guard !processes[place].live.isEmpty else { return }
        let crawl = processes[place].live.removeLast()
        try finish(crawl, random.chance(percent: 50) ? .outcome(.failed(reason: "NETWORK: no answer")) : .stopped)
    }

    private mutating func finish(_ crawl: SimulatedCrawl, _ report: ExecutionReport) throws {
        let finish = Finish(job: crawl.job, report: report, now: now, random: 0.5)
        _ = try jobs.finish(finish, ended: parts.queue.engine.ended)
    }

    /// An execution that should have stopped brings another page, or an end.
    private mutating func lateCrawl(_ place: Int) throws {
        guard var crawl = processes[place].zombies.popLast() else { return }
        if try advance(&crawl) { processes[place].zombies.append(crawl) }
    }

    mutating func beat(_ place: Int) throws {
        let process = processes[place]
        let heartbeat = try jobs.heartbeat(of: process.worker, now: now, livingSince: now - Self.deadAfter)
        let lost = process.live.filter { heartbeat.executing[$0.job.id] != $0.job.fence }
        processes[place].live.removeAll { crawl in lost.contains { $0.job.execution == crawl.job.execution } }
        if random.chance(percent: 50) { processes[place].zombies += lost }
        let known = Set(processes[place].live.map(\.job.execution))
        for (id, fence) in heartbeat.executing.sorted(by: { $0.key < $1.key }) {
            let execution = ClaimedJob.Execution(job: id, fence: fence)
            if !known.contains(execution) {
                try jobs.giveBack(execution, now: now, ended: parts.queue.engine.ended)
            }
        }
        if !heartbeat.isKnown {
            let renamed = try makeProcess().worker
            processes[place].worker = renamed
        }
    }

    mutating func lead(_ place: Int) throws {
        guard let term = try jobs.lead(as: processes[place].worker, now: now, until: now + Self.deadAfter),
            try jobs.isLeading(term: term)
        else { return }
        let living = now - Self.deadAfter
        _ = try jobs.rescue(rescuesMax: 4, now: now, livingSince: living, ended: parts.queue.engine.ended)
        try jobs.removeDeadWorkers(livingSince: living)
    }

    private mutating func die(_ place: Int) throws {
        let gone = processes[place]
        processes[place] = try makeProcess()
        if random.chance(percent: 50) { processes[place].zombies = gone.zombies + gone.live }
    }

    private mutating func passTime() {
        let passed = Duration.milliseconds(Int.random(in: 1...20_000, using: &random))
        parts.time.change { $0 = $0 + passed }
    }

    private mutating func makeProcess() throws -> SimulatedCrawler {
        processesMade += 1
        let process = SimulatedCrawler(worker: "process \(processesMade)")
        try jobs.register(process.worker, now: now)
        return process
    }

    func violation(_ promise: String) -> Violation { Violation(seed: seed, step: step, promise: promise) }
}
