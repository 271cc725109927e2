import Database
import Logging
import TestSupport

@testable import JobQueue

/// The whole queue of one process after the other: scheduler, executions and outbox on a store, with a clock that stands
/// still between the steps.
///
/// Callers submit, cancel and watch; executions end in every way, or do not listen when they are asked to stop; the
/// store has no room for a while; the process stops, or dies, and the next one begins.
final class EngineSimulation {
    static let slots = 3

    let seed: UInt64
    let base: any Database
    let executor: SeededExecutor
    let clock = ManualClock()
    let isHealed = Shared(false)
    var random: SeededGenerator
    var step = 0
    var process: SimulatedEngine
    private var processes = 1

    /// Jobs whose submission was answered, and those whose cancel was.
    let acknowledged = Shared<[JobID]>([])
    let cancelled = Shared<Set<JobID>>([])
    /// What watchers of the present process have seen.
    let watched = Shared<[JobID: [JobState]]>([:])

    init(seed: UInt64, _ base: any Database) {
        (self.seed, self.base) = (seed, base)
        random = SeededGenerator(seed: seed)
        executor = SeededExecutor(seed: seed)
        process = SimulatedEngine(base, clock, executor, seed: seed, isHealed)
        process.run()
        executor.drain()
    }

    func run(steps: Int) throws {
        for _ in 0..<steps {
            step += 1
            live()
            executor.drain()
            try check()
        }
        try heal()
    }

    private func live() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: submit()
        case 20..<50: endExecution()
        case 50..<58: cancel()
        case 58..<64: watch()
        case 64..<70: reportProgress()
        case 70..<74: process.database.trouble(percent: Int.random(in: 20...60, using: &random))
        case 74..<82: process.database.trouble(percent: 0)
        case 82..<84: replace { $0.die() }
        case 84..<86: replace { $0.stop() }
        default: clock.advance(by: .milliseconds(Int.random(in: 1...15_000, using: &random)))
        }
    }

    private func start(_ body: @escaping @Sendable () async throws -> Void) {
        // Whatever it throws promises nothing.
        Task(executorPreference: executor) { try? await body() }
    }

    private func submit() {
        var job = NewJob(
            kind: "work", priority: Int.random(in: 0..<3, using: &random),
            runAt: random.chance(percent: 15) ? process.now + .seconds(5) : nil,
            exclusiveKeys: random.chance(percent: 20) ? ["key \(Int.random(in: 0..<2, using: &random))"] : [],
            deadline: random.chance(percent: 20) ? .seconds(8) : nil,
            retry: RetryPolicy(attemptsMax: Int.random(in: 1...3, using: &random)),
            rescue: random.chance(percent: 30) ? .fail("no") : .rerun)
        if random.chance(percent: 20) {
            job.limit = JobLimit(key: "limit", runningMax: 1, startsMax: 2, per: .seconds(10))
        }
        if random.chance(percent: 25), let other = acknowledged.value.randomElement(using: &random) {
            job.dependencies = [other]
        }
        start { [process, acknowledged, job] in
            let id = try await process.database.write(admission: .newWork) {
                try process.engine.submit(job, in: $0).id
            }
            acknowledged.change { $0.append(id) }
        }
    }

    private func cancel() {
        guard let id = acknowledged.value.randomElement(using: &random) else { return }
        start { [process, cancelled] in
            let result = try await process.database.write { try process.engine.cancel(id, in: $0) }
            if result == .cancelled || result == .cancelling { cancelled.change { _ = $0.insert(id) } }
        }
    }

    private func watch() {
        guard let id = acknowledged.value.randomElement(using: &random), watched.value[id] == nil else { return }
        start { [process, watched] in
            let events = try await process.engine.events(of: id)
            for await case .state(let state) in events { watched.change { $0[id, default: []].append(state) } }
        }
    }

    private func endExecution() {
        let count = process.work.executions.count
        guard count > 0 else { return }
        let outcome: Result<JobOutcome, any Error> =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: .success(.succeeded(result: [1]))
            case 5: .success(.failed(reason: "no"))
            case 6: .success(.retry(reason: "again"))
            case 7: .success(.park(until: process.now + .seconds(3), note: "later"))
            default: .failure(WorkFailed())
            }
        process.work.end(Int.random(in: 0..<count, using: &random), outcome)
    }

    private func reportProgress() {
        guard let execution = process.work.executions.randomElement(using: &random) else { return }
        execution.job.progress(JobProgress(done: step))
        start { try await execution.job.write { _ in } }
    }

    /// A process ends and the next one begins with what it finds.
    private func replace(_ end: (SimulatedEngine) -> Void) {
        end(process)
        executor.drain()
        // Executions that do not listen: the grace is over.
        for _ in 0..<4 where !process.hasEnded {
            clock.advance(by: .seconds(10))
            executor.drain()
        }
        process.die()
        executor.drain()
        watched.change { $0 = [:] }
        processes += 1
        process = SimulatedEngine(base, clock, executor, seed: seed &+ UInt64(processes) << 32, isHealed)
        process.run()
    }
}
