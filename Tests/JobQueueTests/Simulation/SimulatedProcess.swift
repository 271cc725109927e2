@testable import JobQueue

/// A process as its store knows it: a name, a belief about what it executes, and executions nobody told of their end.
struct SimulatedProcess {
    var worker: String
    /// What it believes to execute.
    var live: [ClaimedJob] = []
    /// Executions that should have stopped, and report whenever they please.
    var zombies: [ClaimedJob] = []
}

/// A promise of the queue that a simulated life has broken.
struct Violation: Error, CustomStringConvertible {
    let seed: UInt64
    let step: Int
    let promise: String

    var description: String { "seed \(seed), step \(step): \(promise); TEST_JOB_SEED=\(seed) runs it alone" }
}
