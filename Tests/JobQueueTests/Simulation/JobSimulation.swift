import Database
import TestSupport

@testable import JobQueue

/// A store, its clock and three processes in one transaction; every step and every fault is drawn from the seed.
///
/// Callers submit with everything a job can want, cancel and redrive; a schedule submits, retention removes. Faults: a
/// process dies, or is taken for dead and goes on; an execution reports late, or twice; an answer is lost, so that nobody
/// knows what was committed; the store's clock jumps in both directions.
struct JobSimulation {
    static let cap = 4
    static let deadAfter = Duration.seconds(15)
    /// Where ends are told, before the word for the end.
    static let callback = "http://callback.invalid/"

    let seed: UInt64
    let store: JobStore
    var random: SeededGenerator
    var now = JobTime.zero
    var step = 0
    var processes: [SimulatedProcess] = []
    var processesMade = 0

    /// Jobs whose submission was answered, and those whose cancel was.
    var acknowledged: Set<JobID> = []
    var cancelled: Set<JobID> = []
    /// Every right to execute that was ever given.
    var executions: Set<ClaimedJob.Execution> = []
    /// How jobs have ended, and when.
    var ends: [JobID: (state: JobState, at: JobTime)] = [:]
    /// What ended before may be gone.
    var sweptBefore: JobTime?
    let rules: [StoreRule]

    init(seed: UInt64, _ transaction: any Transaction) throws {
        self.seed = seed
        store = JobStore(transaction)
        random = SeededGenerator(seed: seed)
        rules = JobRules.all(in: transaction.dialect)
        for _ in 0..<3 { processes.append(try makeProcess()) }
        if random.chance(percent: 30) { try putSchedule() }
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
        case 0..<20: try submit()
        case 20..<40: try claim(place)
        case 40..<58: try finish(place)
        case 58..<65: try cancel()
        case 65..<67: try redrive()
        case 67..<68: try sweep()
        case 68..<72: try progress(place)
        case 72..<78: try withdraw(place)
        case 78..<84: try beat(place)
        case 84..<89: try lead(place)
        case 89..<92: try die(place)
        case 92..<95: try lateReport(place)
        default: passTime()
        }
    }

    private mutating func passTime() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: now = now + .seconds(3_600)
        case 1: now = now - .seconds(40)
        default: now = now + .milliseconds(Int.random(in: 1...6_000, using: &random))
        }
    }

    /// What a service does at the end of its jobs: it tells whoever asked.
    var ended: (EndedJob, any Transaction) throws -> Void {
        { job, transaction in
            let message = OutboxMessage(url: Self.callback + job.state.rawValue, body: [], job: job.id)
            try OutboxStore(transaction).insert(message, dueAt: job.endedAt, now: job.endedAt)
        }
    }

    func violation(_ promise: String) -> Violation { Violation(seed: seed, step: step, promise: promise) }
}
