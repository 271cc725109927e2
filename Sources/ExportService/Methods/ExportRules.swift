import Database
import JobQueue
import ServiceContracts
import RPC

/// What can be done with exports: knows records and jobs, and nothing of the wire.
struct ExportRules: Sendable {
    let configuration: ExportConfiguration
    let database: any Database
    let queue: JobQueue
    let callbacks: ExportCallbacks
    let view: ExportView
    let now: @Sendable () -> Int64

    /// Accepts a request, once: the same body has the same key, and the first export is answered for ever.
    func submit(_ request: ExportRequest, body: [UInt8], base: String?) async throws -> HashKey {
        let key = HashKey(ofCanonical: body)
        // Known ones are answered also while new work is refused.
        if try await database.read({ try ExportStore($0).record(key: key) }) != nil { return key }
        let (now, queue, deadline) = (now(), queue, configuration.exportDuration)
        try await database.write(admission: .newWork) { transaction in
            let store = ExportStore(transaction)
            guard try store.record(key: key) == nil else { return }
            let job = try queue.submit(ExportJob.newJob(key: key, deadline: deadline), in: transaction)
            try store.insert(request, body: body, key: key, base: base, job: job.id, at: now)
        }
        return key
    }

    func detail(_ key: HashKey) async throws -> ExportDetail? {
        let (queue, view) = (queue, view)
        return try await database.read { transaction in
            guard let record = try ExportStore(transaction).record(key: key) else { return nil }
            let runs = record.status == .processing
            return view.detail(record, progress: runs ? try queue.progress(of: record.job, in: transaction) : nil)
        }
    }

    func record(_ key: HashKey) async throws -> ExportRecord? {
        try await database.read { try ExportStore($0).record(key: key) }
    }

    /// - Parameter page: 1, 2, …; nil with a `limit` means the first.
    func history(of userID: String, page: Int?, limit: Int?) async throws -> [ExportSummary] {
        let rowsMax = configuration.historyRowsMax
        let since = now() - Int64(configuration.historyDays) * 24 * 3_600_000
        let limit = min(limit ?? (page == nil ? rowsMax : configuration.historyPageRows), rowsMax)
        let offset = (max(page ?? 1, 1) - 1).multipliedReportingOverflow(by: limit)
        guard !offset.overflow else { return [] }
        let records = try await database.read {
            try ExportStore($0).history(of: userID, since: since, limit: limit, offset: offset.partialValue)
        }
        return records.map(view.summary)
    }

    /// Ends an export; the word is `cancelled` from here on, and the callback says so. Doing it twice is no mistake.
    func cancel(_ key: HashKey) async throws {
        let (now, queue, callbacks) = (now(), queue, callbacks)
        try await database.write { transaction in
            let store = ExportStore(transaction)
            guard var record = try store.record(key: key) else { throw ServiceFaults.unknown(key.text) }
            switch record.status {
            case .cancelled: return
            case .succeeded, .failed:
                throw RPCError(
                    .failedPrecondition, reason: "ended", "expected an export that is not finished, \(key) is")
            case .processing: break
            }
            // The record first: the queue may end a job that has not begun at once, and tell of it.
            try store.setStatus(.cancelled, reason: "", of: record.id, at: now)
            _ = try queue.cancel(record.job, in: transaction)
            record.status = .cancelled
            record.updatedAt = now
            try callbacks.enqueue(record, in: transaction)
        }
    }

    /// Runs an export again with a job of its own, once the last one has physically ended.
    func retry(_ key: HashKey) async throws {
        let (now, queue, deadline) = (now(), queue, configuration.exportDuration)
        try await database.write(admission: .newWork) { transaction in
            let store = ExportStore(transaction)
            guard let record = try store.record(key: key) else { throw ServiceFaults.unknown(key.text) }
            guard record.status != .processing else {
                throw RPCError(.failedPrecondition, reason: "running", "expected a finished export, \(key) is not")
            }
            // Ended jobs are removed some day; the record outlives them.
            let predecessor = try queue.state(of: record.job, in: transaction) == nil ? nil : record.job
            let job = try queue.submit(
                ExportJob.newJob(key: key, deadline: deadline, after: predecessor), in: transaction)
            try store.restart(record.id, job: job.id, at: now)
        }
    }
}
