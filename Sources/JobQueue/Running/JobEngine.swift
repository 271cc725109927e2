import Database
import Logging
import ServiceLifecycle
import Synchronization

/// The moving parts of a queue: who runs, who watches, and the loops that bring time and disk into it.
///
/// What is allowed is decided by `JobMachine` and `LiveExecutions`; this class and its extensions act on it.
final class JobEngine: Sendable {
    struct State: Sendable {
        var live = LiveExecutions()
        var isStarted = false
        var isStopping = false
        /// This process among those that share the store; nil where there is only one.
        var worker: String?
        /// The term in which this process leads the others.
        var term: Int?
        /// Caps of queues as last read from the store; one that is not known may be any.
        var caps: [String: Int] = [:]
    }

    let database: any Database
    let handlers: [String: any JobHandler]
    let configuration: JobQueueConfiguration
    let clock: JobClock
    let random: @Sendable () -> Double
    let logger: Logger
    let outbox: OutboxWorker
    let patient: PatientWrites
    let metrics: JobMetrics
    let watchers: WatcherBoard
    let announcer: Announcer
    let tail: EventTail
    let progress = ProgressBoard()
    let finishes: FinishBoard
    let state = Mutex(State())

    /// Wakes the loops of the same name; see `run`.
    let dispatchAlarm: Alarm
    let superviseAlarm: Alarm
    let progressAlarm: Alarm

    init(
        database: any Database, handlers: [any JobHandler], configuration: JobQueueConfiguration,
        deliver: @escaping OutboxDeliver, clock: JobClock, random: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.database = database
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        self.configuration = configuration
        self.clock = clock
        self.random = random
        self.logger = logger
        patient = PatientWrites(database: database, clock: clock, logger: logger)
        metrics = JobMetrics(kinds: handlers.map(\.kind))
        outbox = OutboxWorker(
            patient: patient, configuration: configuration.outbox, deliver: deliver, clock: clock, random: random,
            logger: logger)
        finishes = FinishBoard(batchMax: configuration.finishBatchMax)
        watchers = WatcherBoard(limit: configuration.watchersMax)
        announcer = Announcer(clock: clock, logger: logger)
        tail = EventTail(clock: clock, watchers: watchers, logger: logger)
        dispatchAlarm = Alarm(clock: clock)
        superviseAlarm = Alarm(clock: clock)
        progressAlarm = Alarm(clock: clock)
    }

    /// Whether other processes work on the same store.
    var isShared: Bool { database.dialect == .postgreSQL }

    var isReady: Bool {
        let isWorking = state.withLock { $0.isStarted && !$0.isStopping }
        switch database.health {
        case .ready, .nearlyFull: return isWorking
        case .unreachable, .failed, .closed: return false
        }
    }

    func start() async throws {
        if state.withLock({ $0.isStarted }) { return }
        try await database.migrate(JobSchema.migrations)
        if isShared { try await register() } else { try await rescueAll() }
        state.withLock { $0.isStarted = true }
    }

    /// The loops are children of this call. Dispatching ends when shutdown has drained it, any of them when the
    /// store fails, and all of them with cancellation.
    func run() async throws {
        try await start()
        defer { watchers.finish() }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.dispatch() }
                group.addTask { try await self.supervise() }
                group.addTask { try await self.storeProgress() }
                group.addTask { try await self.sweep() }
                group.addTask { try await self.outbox.run() }
                group.addTask { try await self.database.untilFailed() }
                if isShared { group.addTask { try await self.workWithOthers() } }
                defer { group.cancelAll() }
                try await group.next()
            }
        } onGracefulShutdown: {
            self.beginShutdown()
        }
        try await flushProgress()
        await unregister()
    }

    /// Starts nothing more and asks everything that runs to stop.
    func beginShutdown() {
        let graceEndsAt = clock.now() + configuration.shutdownGrace
        let actions = state.withLock { state in
            state.isStopping = true
            return state.live.requestStopOfAll(.shutdown, graceEndsAt: graceEndsAt)
        }
        for case .stop(let stop) in actions { stop.throw() }
        superviseAlarm.set(graceEndsAt)
        dispatchAlarm.ring()
    }

    /// Tells the kind's handler, in the transaction that ends the job.
    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        try handlers[job.kind]?.ended(job, in: transaction)
    }

    /// - Parameter term: The term in which this process leads; nil where there is only one process.
    func rescueAll(term: Int? = nil) async throws {
        var total = RescueReport()
        let rescuesMax = configuration.rescuesMax
        while let report = try await database.write({ transaction -> RescueReport? in
            let store = self.store(in: transaction)
            if let term, try !store.isLeading(term: term) { return nil }
            let now = self.clock.now(in: transaction)
            let report = try store.rescue(
                rescuesMax: rescuesMax, now: now, livingSince: term == nil ? nil : self.livingSince(now),
                ended: self.ended)
            if let report { transaction.afterCommit { self.announce(report) } }
            return report
        }) {
            total.runAgain += report.runAgain
            total.failed += report.failed
            total.cancelled += report.cancelled
        }
        guard total != RescueReport() else { return }
        logger.notice(
            "decided over jobs whose process had ended",
            metadata: [
                "run_again": "\(total.runAgain)", "failed": "\(total.failed)", "cancelled": "\(total.cancelled)",
            ])
    }

    /// The queue's statements, for those that change more jobs than the one they are about.
    func store(in transaction: any Transaction) -> JobStore {
        JobStore(transaction) { id, state in transaction.afterCommit { self.publish(state, of: id) } }
    }

    /// Tells watchers of this process; where there are others, all of them learn it from the store.
    func publish(_ state: JobState, of id: JobID) {
        if isShared {
            announcer.say(.events)
            tail.ring()
        } else {
            watchers.publish(.state(state), of: id)
        }
    }

    private func announce(_ report: RescueReport) {
        guard isShared else { return }
        for queue in report.queues { announcer.say(.ready(queue)) }
        announcer.say(.events)
        tail.ring()
        dispatchAlarm.ring()
    }
}
