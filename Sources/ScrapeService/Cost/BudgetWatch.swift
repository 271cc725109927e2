import Database
import JobQueue
import Logging

/// Wakes executions that wait for a budget whose bounds have changed since: by a change of the task, or by a setting of a
/// process that was started anew.
///
/// It looks instead of being told, so that a change that comes while an execution is being put away is seen as well.
struct BudgetWatch: Sendable {
    /// How often it is looked.
    static let interval = Duration.seconds(2)

    let database: any Database
    let queue: JobQueue
    /// What all tasks together may spend in a day.
    let serviceMaxPerDay: Cost?
    let logger: Logger

    /// Runs until cancelled.
    func run() async throws {
        while true {
            do {
                try await look()
            } catch let error as DatabaseError {
                logger.warning("waits for budgets stay as they are for now", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func look() async throws {
        let most = serviceMaxPerDay
        let changed = try await database.read { transaction in
            try ExecutionStore(transaction).waitingForBudget(serviceMaxPerDay: most)
                .filter { $0.waitsFor != $0.budget.bounds }.map(\.job)
        }
        guard !changed.isEmpty else { return }
        let queue = queue
        try await database.write { transaction in
            for job in changed.sorted(by: { $0.rawValue < $1.rawValue }) { try queue.wake(job, in: transaction) }
        }
    }
}
