import Database
import Idempotency
import Logging

/// Removes files whose time is over, and says so in their records first; and replies kept for too long.
struct RetentionLoop: Sendable {
    /// Files let go by one transaction.
    static let batch = 500
    /// Beyond its retention, in seconds: a file that is being published has no record yet that knows it.
    static let orphanAgeMin = 24 * 3600

    let database: any Database
    let artifacts: ArtifactKeeper
    let rows: RowsKeeper
    let keyed: KeyedCalls
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
        let lifetime = Int(configuration.retention.components.seconds) + Self.orphanAgeMin
        try await removeOrphans(changedBefore: Int(now / 1_000) - lifetime)
        try await removeOrphanRows(changedBefore: Int(now / 1_000) - Self.orphanAgeMin)
        try await keyed.sweep()
    }

    /// Removes rows whose export was not accepted after all, because the store refused it or the process died.
    private func removeOrphanRows(changedBefore seconds: Int) async throws {
        var rest = try await rows.keys(changedBefore: seconds)[...]
        while !rest.isEmpty {
            let keys = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            let known = try await database.read { try ExportStore($0).known(of: keys) }
            try await rows.remove(keys.filter { !known.contains($0) })
        }
    }

    /// Removes old files that no record knows any more: of exports cancelled in their last moment, or started again
    /// without success. Age alone does not decide: records keep the retention they were made with.
    private func removeOrphans(changedBefore seconds: Int) async throws {
        var rest = await artifacts.names(changedBefore: seconds)[...]
        while !rest.isEmpty {
            let names = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            let known = try await database.read { try ExportStore($0).known(of: names) }
            await artifacts.remove(names.filter { !known.contains($0) })
        }
    }
}
