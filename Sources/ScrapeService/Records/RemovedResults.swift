import Database
import Idempotency
import Logging

/// Removes results whose tasks are gone, some at a time, so that the store's one writer is never held for long; and
/// replies kept for too long.
struct RemovedResults: Sendable {
    /// How often deleted tasks are looked for.
    static let interval = Duration.seconds(10)

    let database: any Database
    let keyed: KeyedCalls
    let rowsMax: Int
    let logger: Logger

    /// Runs until cancelled.
    func run() async throws {
        while true {
            do {
                let rowsMax = rowsMax
                while try await database.write({ try TaskStore($0).sweep(rowsMax: rowsMax) }) {}
                try await keyed.sweep()
            } catch let error as DatabaseError {
                logger.warning("results of deleted tasks stay for now", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}
