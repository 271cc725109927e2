import Database
import Logging
import TestSupport

@testable import JobQueue

/// One process of a simulation: a queue, its work, and what it believes to be its store.
final class SimulatedEngine: Sendable {
    /// Where ends are told, before the word for the end.
    static let callback = "http://callback.invalid/"

    let database: SteppedDatabase
    let work: SimulatedWork
    let engine: JobEngine
    private let executor: SeededExecutor
    private let end = Shared<Result<Void, any Error>?>(nil)

    init(
        _ base: any Database, _ clock: ManualClock, _ executor: SeededExecutor, seed: UInt64, _ isHealed: Shared<Bool>
    ) {
        let (chance, deliveries) = (Shared(SeededGenerator(seed: seed)), Shared(SeededGenerator(seed: seed &+ 1)))
        let database = SteppedDatabase(base, seed: seed)
        // The engine has it, and is made with the work that needs it.
        let outbox = Shared<OutboxWorker?>(nil)
        let now = { @Sendable in JobTime.zero + ManualClock.Instant(offset: .zero).duration(to: clock.now) }
        work = SimulatedWork(seed: seed) { job, transaction in
            let message = OutboxMessage(url: Self.callback + job.state.rawValue, body: [], job: job.id)
            try outbox.value?.enqueue(message, in: transaction)
        }
        var configuration = JobQueueConfiguration()
        configuration.queues = [QueueOptions(name: "default", concurrencyMax: EngineSimulation.slots)]
        engine = JobEngine(
            database: database, handlers: [work], configuration: configuration,
            deliver: { _ in
                let works = isHealed.value || deliveries.change { $0.chance(percent: 50) }
                return works ? .response(status: 204) : .failed(reason: "nobody there")
            },
            clock: JobClock(now: now) { until in
                try await clock.sleep(until: ManualClock.Instant(offset: JobTime.zero.duration(to: until)))
            },
            random: { chance.change { Double.random(in: 0..<1, using: &$0) } }, logger: Self.logger)
        (self.database, self.executor) = (database, executor)
        outbox.change { [engine] in $0 = engine.outbox }
    }

    private static let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    var now: JobTime { engine.clock.now() }
    var hasEnded: Bool { end.value != nil }
    /// Why it has ended, if not as it should.
    var failure: (any Error)? { if case .failure(let error) = end.value { error } else { nil } }

    func run() {
        Task(executorPreference: executor) { [engine, end] in
            let result: Result<Void, any Error>
            do { result = .success(try await engine.run()) } catch { result = .failure(error) }
            end.change { $0 = result }
        }
    }

    func stop() { engine.beginShutdown() }

    /// Nothing it does is seen any more.
    func die() {
        database.die()
        work.heal()
        while !work.executions.isEmpty { work.end(0, .failure(CancellationError())) }
        stop()
    }
}
