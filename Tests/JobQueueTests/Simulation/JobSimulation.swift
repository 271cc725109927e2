import Database
import TestSupport

@testable import JobQueue

/// A store, its clock and three processes in one transaction; every step and every fault is drawn from the seed.
///
/// Faults: a process dies, or is taken for dead and goes on; an execution reports late, or twice; an answer is lost, so
/// that nobody knows what was committed; the store's clock jumps in both directions.
struct JobSimulation {
    static let cap = 4
    static let deadAfter = Duration.seconds(15)

    let seed: UInt64
    let store: JobStore
    var random: SeededGenerator
    var now = JobTime.zero
    var step = 0
    var processes: [SimulatedProcess] = []
    private var processesMade = 0

    /// Jobs whose submission was answered, and those whose cancel was.
    var acknowledged: Set<JobID> = []
    var cancelled: Set<JobID> = []
    /// Every right to execute that was ever given.
    var executions: Set<ClaimedJob.Execution> = []
    var ends: [JobID: JobState] = [:]

    /// What `ended` notes down; made once, because statements are prepared again after every change of a schema.
    static func prepare(_ database: any Database) async throws {
        try await database.write { transaction in
            try transaction.execute("CREATE TABLE outcomes (job BIGINT NOT NULL, state TEXT NOT NULL)")
            try transaction.execute("CREATE INDEX outcomes_by_job ON outcomes (job, state)")
        }
    }

    init(seed: UInt64, _ transaction: any Transaction) throws {
        self.seed = seed
        store = JobStore(transaction)
        random = SeededGenerator(seed: seed)
        for _ in 0..<3 { processes.append(try makeProcess()) }
    }

    /// Lives `steps` steps in trouble, then heals: everything has to come to an end.
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
        case 0..<22: try submit()
        case 22..<42: try claim(place)
        case 42..<60: try finish(place)
        case 60..<68: try cancel()
        case 68..<72: try progress(place)
        case 72..<78: try withdraw(place)
        case 78..<84: try beat(place)
        case 84..<89: try lead(place)
        case 89..<92: try die(place)
        case 92..<95: try lateReport(place)
        default: passTime()
        }
    }

    private mutating func submit() throws {
        let key = random.chance(percent: 20) ? "unique \(Int.random(in: 0..<3, using: &random))" : nil
        let keys = (0..<Int.random(in: 0...2, using: &random)).map { _ in "key \(Int.random(in: 0..<3, using: &random))"
        }
        let rescue: RescuePolicy = [.resume, .rerun, .fail("no")].randomElement(using: &random) ?? .rerun
        let job = NewJob(
            kind: "work", priority: Int.random(in: 0..<3, using: &random),
            runAt: random.chance(percent: 20) ? now + .seconds(5) : nil, uniqueKey: key, exclusiveKeys: keys,
            retry: RetryPolicy(attemptsMax: Int.random(in: 1...3, using: &random)), rescue: rescue,
            predecessor: random.chance(percent: 15) ? acknowledged.min() : nil)
        let submission = try store.submit(job, now: now)
        // Else its answer was lost: the job may be there, nobody relies on it.
        if !random.chance(percent: 10) { acknowledged.insert(submission.id) }
    }

    mutating func claim(_ place: Int, jobsMax: Int = 3) throws {
        try store.promote(now: now)
        let worker = processes[place].worker
        let request = ClaimRequest(
            queues: [QueueOptions(name: "default", concurrencyMax: Self.cap)], kinds: ["work"], jobsMax: jobsMax,
            rescuesBeforeAlone: 2, worker: worker, livingSince: now - Self.deadAfter, now: now)
        let claimed = try store.claim(request)
        for job in claimed where !executions.insert(job.execution).inserted {
            throw violation("job \(job.id) was given twice under fence \(job.fence.rawValue)")
        }
        if !random.chance(percent: 8) { processes[place].live += claimed }
    }

    /// Several at once, as they are written when they come while others are written.
    mutating func finish(_ place: Int, _ report: ExecutionReport? = nil) throws {
        let count = Int.random(in: 1...3, using: &random)
        let jobs = Array(processes[place].live.shuffled(using: &random).prefix(count))
        let before = try jobs.map { try store.row(of: $0.id) }
        let finishes = jobs.map { finishing($0, report ?? anyReport()) }
        let results = try store.finish(finishes, ended: ended)
        for (index, job) in jobs.enumerated() {
            let machine = before[index]?.machine
            if results[index] == .leaseLost, machine?.fence == job.fence, machine?.state.isExecuting == true {
                throw violation("job \(job.id) refused the execution that had it")
            }
        }
        if random.chance(percent: 10) {
            // Their answer is lost: they are reported again.
            let again = try store.finish(jobs.map { finishing($0, anyReport()) }, ended: ended)
            guard again.allSatisfy({ $0 == .leaseLost }) else {
                throw violation("one of \(jobs.map(\.id)) took two outcomes of one execution")
            }
        }
        let ended = Set(jobs.map(\.execution))
        processes[place].live.removeAll { ended.contains($0.execution) }
    }

    private mutating func anyReport() -> ExecutionReport {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: .outcome(.succeeded(result: [1]))
        case 5: .outcome(.failed(reason: "no"))
        case 6, 7: .outcome(.retry(reason: "again"))
        case 8: .outcome(.park(until: now + .seconds(3), note: "later"))
        default: .stopped
        }
    }

    private func finishing(_ job: ClaimedJob, _ report: ExecutionReport) -> Finish {
        Finish(job: job, report: report, now: now, random: 0.5)
    }

    private mutating func cancel() throws {
        guard let id = acknowledged.sorted().randomElement(using: &random) else { return }
        switch try store.cancel(id, now: now, ended: ended) {
        case .cancelled, .cancelling: cancelled.insert(id)
        case .alreadyEnded: break
        case .unknown: throw violation("job \(id) was acknowledged and is unknown")
        }
    }

    private mutating func progress(_ place: Int) throws {
        let jobs = processes[place].live + processes[place].zombies
        guard let job = jobs.randomElement(using: &random) else { return }
        try store.store([ProgressUpdate(id: job.id, fence: job.fence, progress: JobProgress(done: step))], now: now)
    }

    /// The grace of an execution is over that does not end.
    private mutating func withdraw(_ place: Int) throws {
        guard let job = processes[place].live.randomElement(using: &random) else { return }
        _ = try store.withdraw(job.id, fence: job.fence, now: now, ended: ended)
    }

    mutating func beat(_ place: Int) throws {
        let process = processes[place]
        let heartbeat = try store.heartbeat(of: process.worker, now: now, livingSince: now - Self.deadAfter)
        let lost = process.live.filter { heartbeat.executing[$0.id] != $0.fence }
        processes[place].live.removeAll { job in lost.contains { $0.execution == job.execution } }
        if random.chance(percent: 50) { processes[place].zombies += lost }
        let known = Set(processes[place].live.map(\.execution))
        for (id, fence) in heartbeat.executing.sorted(by: { $0.key < $1.key }) {
            let execution = ClaimedJob.Execution(job: id, fence: fence)
            if !known.contains(execution) { try store.giveBack(execution, now: now, ended: ended) }
        }
        if !heartbeat.isKnown {
            let renamed = try makeProcess().worker
            processes[place].worker = renamed
        }
    }

    mutating func lead(_ place: Int) throws {
        guard let term = try store.lead(as: processes[place].worker, now: now, until: now + Self.deadAfter),
            try store.isLeading(term: term)
        else { return }
        _ = try store.rescue(rescuesMax: 4, now: now, livingSince: now - Self.deadAfter, ended: ended)
        try store.removeDeadWorkers(livingSince: now - Self.deadAfter)
    }

    /// The process ends, or is cut off: then its executions go on and report when nobody waits for them.
    private mutating func die(_ place: Int) throws {
        let gone = processes[place]
        processes[place] = try makeProcess()
        if random.chance(percent: 50) { processes[place].zombies = gone.zombies + gone.live }
    }

    private mutating func lateReport(_ place: Int) throws {
        guard let job = processes[place].zombies.popLast() else { return }
        let row = try store.row(of: job.id)
        let result = try store.finish([finishing(job, .outcome(.succeeded(result: [2])))], ended: ended)[0]
        if let row, row.machine.fence != job.fence, result != .leaseLost {
            throw violation("job \(job.id) took a report under fence \(job.fence.rawValue)")
        }
    }

    private mutating func passTime() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: now = now + .seconds(3_600)
        case 1: now = now - .seconds(40)
        default: now = now + .milliseconds(Int.random(in: 1...6_000, using: &random))
        }
    }

    private mutating func makeProcess() throws -> SimulatedProcess {
        processesMade += 1
        let process = SimulatedProcess(worker: "process \(processesMade)")
        try store.register(process.worker, now: now)
        return process
    }

    /// What a service does at the end of its jobs.
    var ended: (EndedJob, any Transaction) throws -> Void {
        { job, transaction in
            try transaction.execute("INSERT INTO outcomes (job, state) VALUES (\(job.id), \(job.state))")
        }
    }

    func violation(_ promise: String) -> Violation { Violation(seed: seed, step: step, promise: promise) }
}
