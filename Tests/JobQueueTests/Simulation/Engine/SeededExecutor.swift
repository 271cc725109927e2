import Synchronization
import TestSupport

/// Runs tasks on the thread that asks for it, one step of one task after the other, in an order drawn from a seed.
///
/// Steps of tasks on the machine's own executors come in the order the machine happens to choose; here a seed repeats it.
final class SeededExecutor: TaskExecutor {
    private struct State {
        var steps: [UnownedJob] = []
        var random: SeededGenerator
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(random: SeededGenerator(seed: seed))) }

    func enqueue(_ job: consuming ExecutorJob) {
        let step = UnownedJob(job)
        state.withLock { $0.steps.append(step) }
    }

    /// Returns when every task waits for something from outside.
    func drain() {
        while let step = next() { step.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            guard !state.steps.isEmpty else { return nil }
            return state.steps.remove(at: Int.random(in: 0..<state.steps.count, using: &state.random))
        }
    }
}
