internal import Database
internal import Logging

/// Removes files whose time is over, and says so in their records first.
struct RetentionLoop: Sendable {
    /// Files let go by one transaction.
    static let batch = 500

    let database: any Database
    let artifacts: ArtifactKeeper
    let configuration: ExportConfiguration
    let now: @Sendable () -> Int64
    let logger: Logger

    /// Sweeps until cancelled.
    func run() async throws {
        while true {
            do {
                try await sweep()
            } catch let error as DatabaseError {
                logger.warning("expired files stay for now", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: configuration.sweepInterval)
        }
    }

    /// One sweep.
    func sweep() async throws {
        let now = now()
        while true {
            let names = try await database.write { try ExportStore($0).expire(before: now, limit: Self.batch) }
            await artifacts.remove(names)
            if !names.isEmpty { logger.info("removed expired files", metadata: ["count": "\(names.count)"]) }
            if names.count < Self.batch { break }
        }
        let lifetime = Int(configuration.retention.components.seconds) + 24 * 3600
        await artifacts.removeOrphans(changedBefore: Int(now / 1_000) - lifetime)
    }
}
