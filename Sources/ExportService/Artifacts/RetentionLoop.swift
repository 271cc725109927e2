import Artifacts
import Database
import Idempotency
import Logging

/// Removes files whose time is over, and says so in their records first; and replies kept for too long.
struct RetentionLoop: Sendable {
    /// Files let go by one transaction.
    static let batch = 500
    /// Beyond its retention, in seconds: a file that is being published has no record yet that knows it.
    static let orphanAgeMin = 24 * 3600

    /// In seconds. Who writes a file for longer has long been ended by the time an export may take.
    static let unfinishedAgeMin = 8 * 24 * 3600

    let database: any Database
    let artifacts: any ArtifactStore
    let rows: RowsKeeper
    let keyed: KeyedCalls
    let configuration: ExportConfiguration
    let sweepJournals: @Sendable () async throws -> Void
    let now: @Sendable () -> Int64
    let logger: Logger

    /// Sweeps until cancelled.
    func run() async throws {
        while true {
            do {
                try await sweep()
            } catch let error as DatabaseError {
                logger.warning("expired files stay for now", metadata: ["error": "\(error)"])
            } catch let error as ArtifactError {
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
            try await artifacts.remove(names)
            if !names.isEmpty { logger.info("removed expired files", metadata: ["count": "\(names.count)"]) }
            if names.count < Self.batch { break }
        }
        try await forget(endedBefore: now - configuration.recordRetention.components.seconds * 1_000)
        let lifetime = Int(configuration.retention.components.seconds) + Self.orphanAgeMin
        try await removeRows(
            changedBefore: Int(now / 1_000) - Self.orphanAgeMin,
            endedBefore: now - configuration.retention.components.seconds * 1_000)
        try await sweepJournals()
        try await keyed.sweep()
        try await removeOrphans(writtenBefore: Int(now / 1_000) - lifetime)
        let count = try await artifacts.removeUnfinished(begunBefore: Int(now / 1_000) - Self.unfinishedAgeMin)
        if count > 0 { logger.info("removed half-written files", metadata: ["count": "\(count)"]) }
    }

    /// Removes records whose time is over.
    private func forget(endedBefore cutoff: Int64) async throws {
        while true {
            let count = try await database.write {
                try ExportStore($0).forget(endedBefore: cutoff, limit: Self.batch)
            }
            if count > 0 { logger.info("removed old exports", metadata: ["count": "\(count)"]) }
            if count < Self.batch { return }
        }
    }

    /// Removes rows of exports that ended long ago and whose file is gone, and of those that were not accepted after
    /// all, because the store refused them or the process died.
    private func removeRows(changedBefore seconds: Int, endedBefore instant: Int64) async throws {
        var rest = try await rows.keys(changedBefore: seconds)[...]
        while !rest.isEmpty {
            let keys = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            let needed = try await database.read { try ExportStore($0).needingRows(keys, endedAfter: instant) }
            try await rows.remove(keys.filter { !needed.contains($0) })
        }
    }

    /// Removes old files that no record knows any more: of exports cancelled in their last moment, or started again
    /// without success. Age alone does not decide: records keep the retention they were made with.
    private func removeOrphans(writtenBefore seconds: Int) async throws {
        let bound = ArtifactName.bound(milliseconds: Int64(seconds) * 1_000)
        try await artifacts.forEachBatch(below: bound, writtenBefore: seconds, batch: Self.batch) { names in
            // A directory or a bucket may be shared: of what others keep there nothing is touched.
            let ours = names.filter { ArtifactName(stored: $0) != nil }
            let known = try await database.read { try ExportStore($0).known(of: ours) }
            try await artifacts.remove(ours.filter { !known.contains($0) })
        }
    }
}
