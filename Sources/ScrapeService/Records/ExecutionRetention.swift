import Database
import JobQueue
import Logging
import ServiceContracts

/// Removes executions that ended long ago and brought nothing, some at a time.
///
/// What results name as their `execution_id` can be looked up as long as they are there: what brought some stays with its
/// task. So do the newest ones of a task, where its next start goes on, and its newest one that was completed, where a
/// crawl that stops at known items ends.
struct ExecutionRetention: Sendable {
    /// Executions that are looked at in one transaction.
    private static let rowsMax = 500

    let database: any Database
    let configuration: ScrapeConfiguration
    let logger: Logger

    /// Runs until cancelled.
    func run() async throws {
        while true {
            do {
                try await pass()
            } catch let error as DatabaseError {
                logger.warning("old executions stay for now", metadata: ["error": "\(error)"])
            }
            try await Task.sleep(for: configuration.executionSweepInterval)
        }
    }

    /// Looks at all that began before, in the order of their numbers.
    private func pass() async throws {
        let end = (JobTime(milliseconds: configuration.now()) - configuration.executionRetention).milliseconds
        let keptMin = max(1, configuration.executionsKeptMin)
        var place: Int64 = 0
        while let part = try await part(behind: place, startedBefore: end) {
            let ids = try await database.read {
                try ExecutionStore($0).outlived(in: part, endedBefore: end, keeping: keptMin)
            }
            // Still so by now: an execution that has ended brings nothing, and those behind it only become more.
            if !ids.isEmpty { try await database.write { try ExecutionStore($0).remove(ids) } }
            place = part.upperBound
        }
    }

    private func part(behind place: Int64, startedBefore end: Int64) async throws -> ClosedRange<Int64>? {
        let last = try await database.read {
            try ExecutionStore($0).last(behind: place, startedBefore: end, rowsMax: Self.rowsMax)
        }
        return last.map { place + 1...$0 }
    }
}

extension ExecutionStore {
    /// The last one among the next ones that began before.
    fileprivate func last(behind place: Int64, startedBefore end: Int64, rowsMax: Int) throws -> Int64? {
        try transaction.value(
            """
            SELECT id FROM (
                SELECT id, started_at FROM scrape_executions WHERE id > \(place) ORDER BY id LIMIT \(rowsMax)) AS part
            WHERE started_at < \(end) ORDER BY id DESC LIMIT 1
            """)
    }

    /// Those that nobody needs any more.
    ///
    /// An execution that overwrites items has brought none of its own and may be named by many: a task's results are
    /// looked through for those, as each of these executions has done itself.
    fileprivate func outlived(
        in part: ClosedRange<Int64>, endedBefore end: Int64, keeping keptMin: Int
    ) throws -> [Int64] {
        let completed = ScrapeStatus.completed.rawValue
        return try transaction.query(
            """
            SELECT e.id FROM scrape_executions e
            WHERE e.id >= \(part.lowerBound) AND e.id <= \(part.upperBound)
            AND e.completed_at < \(end) AND e.result_count = 0
            AND (
                SELECT n.id FROM scrape_executions n WHERE n.task = e.task AND n.id > e.id
                ORDER BY n.id LIMIT 1 OFFSET \(keptMin - 1)) IS NOT NULL
            AND (e.status <> \(completed) OR EXISTS (
                SELECT 1 FROM scrape_executions n WHERE n.task = e.task AND n.id > e.id AND n.status = \(completed)))
            AND (e.dedup <> \(DedupPolicy.overwrite.rawValue) OR NOT EXISTS (
                SELECT 1 FROM scrape_results r
                WHERE r.id >= e.task * \(ResultID.perTask) AND r.id < (e.task + 1) * \(ResultID.perTask)
                AND r.execution = e.id))
            """
        ).map { try $0.get("id") }
    }

    fileprivate func remove(_ ids: [Int64]) throws {
        try transaction.execute("DELETE FROM scrape_executions WHERE id IN \(list: ids)")
    }
}
