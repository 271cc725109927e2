import Database
import Synchronization
import TestSupport

@testable import JobQueue

/// A handler whose executions end when and how the simulation says.
final class SimulatedWork: JobHandler {
    /// One execution that is under way.
    struct Execution: Sendable {
        let job: RunningJob
        let end: CheckedContinuation<JobOutcome, any Error>
        /// Does not look at the cancellation of its task.
        let isDeaf: Bool
    }

    private struct State {
        var random: SeededGenerator
        var isHealed = false
        var number = 0
        var executions: [Int: Execution] = [:]
        var most = 0
    }

    let kind = "work"
    private let state: Mutex<State>
    /// Tells of an end, in its transaction.
    private let tell: @Sendable (EndedJob, any Transaction) throws -> Void

    init(seed: UInt64, _ tell: @escaping @Sendable (EndedJob, any Transaction) throws -> Void) {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        self.tell = tell
    }

    /// Those under way, oldest first.
    var executions: [Execution] {
        state.withLock { $0.executions.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// The most that were under way at the same time.
    var most: Int { state.withLock { $0.most } }

    /// From now on everything succeeds at once.
    func heal() { state.withLock { $0.isHealed = true } }

    func run(_ job: RunningJob) async throws -> JobOutcome {
        let (number, isDeaf) = state.withLock { state in
            state.number += 1
            return (state.number, state.random.chance(percent: 25))
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                begin(number, Execution(job: job, end: continuation, isDeaf: isDeaf))
            }
        } onCancel: {
            if !isDeaf { take(number)?.end.resume(throwing: CancellationError()) }
        }
    }

    private func begin(_ number: Int, _ execution: Execution) {
        let goesOn = state.withLock { state in
            if state.isHealed || (Task.isCancelled && !execution.isDeaf) { return false }
            state.executions[number] = execution
            state.most = max(state.most, state.executions.count)
            return true
        }
        if !goesOn { execution.end.resume(returning: .succeeded(result: [1])) }
    }

    private func take(_ number: Int) -> Execution? { state.withLock { $0.executions.removeValue(forKey: number) } }

    /// Ends the execution at a place among those under way.
    func end(_ place: Int, _ outcome: Result<JobOutcome, any Error>) {
        let execution = state.withLock { state -> Execution? in
            let numbers = state.executions.keys.sorted()
            guard numbers.indices.contains(place) else { return nil }
            return state.executions.removeValue(forKey: numbers[place])
        }
        execution?.end.resume(with: outcome)
    }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws { try tell(job, transaction) }
}

/// The work went wrong.
struct WorkFailed: Error {}
