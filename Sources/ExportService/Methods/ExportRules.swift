import Artifacts
import Database
import Idempotency
import JSONBytes
import JobQueue
import ServiceContracts
import NIOCore
import RPC

/// Which part of a history.
struct HistoryPart: Sendable {
    /// 1, 2, …; nil with a `limit` means the first.
    var page: Int?
    /// Exports of a page.
    var limit: Int?
    /// Only exports older than the one with this id.
    var after: Int?
}

/// What can be done with exports: knows records and jobs, and nothing of the wire.
struct ExportRules: Sendable {
    let configuration: ExportConfiguration
    let database: any Database
    let queue: JobQueue
    let callbacks: ExportCallbacks
    let artifacts: any ArtifactStore
    let rows: RowsKeeper
    let view: ExportView
    let now: @Sendable () -> Int64

    /// Accepts a request, once: the same body has the same key, and the first export is answered for ever.
    func submit(_ submission: Submission, _ call: KeyedCall?) async throws -> ByteBuffer {
        if try await isKnown(submission.key) { return try await answer(submission, call) }
        return try await insert(submission, call)
    }

    /// The same for an export that brought its rows; they have their name before anybody can ask for them.
    ///
    /// - Parameter file: The rows; it is gone afterwards.
    func submit(_ submission: Submission, rowsIn file: String, _ call: KeyedCall?) async throws -> ByteBuffer {
        do {
            if try await isKnown(submission.key) {
                await rows.discard(file)
                return try await answer(submission, call)
            }
            try await rows.publish(file, as: submission.key)
        } catch {
            await rows.discard(file)
            throw error
        }
        return try await insert(submission, call)
    }

    /// Known ones are answered also while new work is refused.
    private func isKnown(_ key: HashKey) async throws -> Bool {
        try await database.read { try ExportStore($0).record(key: key) } != nil
    }

    private func answer(_ submission: Submission, _ call: KeyedCall?) async throws -> ByteBuffer {
        let answer = submission.answer
        if let call { try await database.write { try call.keep(answer, in: $0) } }
        return answer
    }

    private func insert(_ submission: Submission, _ call: KeyedCall?) async throws -> ByteBuffer {
        let (key, answer) = (submission.key, submission.answer)
        let (now, queue, deadline) = (now(), queue, configuration.exportDuration)
        try await database.write(admission: .newWork) { transaction in
            let store = ExportStore(transaction)
            if try store.record(key: key) == nil {
                let job = try queue.submit(ExportJob.newJob(key: key, deadline: deadline), in: transaction)
                try store.insert(submission, job: job.id, at: now)
            }
            try call?.keep(answer, in: transaction)
        }
        return answer
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

    /// A user's exports, newest first: as many as a page has, and as fit into that many octets.
    func history(of userID: String, _ part: HistoryPart, bytesMax: Int) async throws -> RPCListWriter {
        let (rowsMax, view) = (configuration.historyRowsMax, view)
        let since = now() - Int64(configuration.historyDays) * 24 * 3_600_000
        let limit = min(part.limit ?? (part.page == nil ? rowsMax : configuration.historyPageRows), rowsMax)
        let offset = (max(part.page ?? 1, 1) - 1).multipliedReportingOverflow(by: limit)
        guard !offset.overflow else { return RPCListWriter(bytesMax: bytesMax) }
        return try await database.read { transaction in
            var list = RPCListWriter(bytesMax: bytesMax)
            var count = 0
            // One more than asked for, to know whether there are more.
            try ExportStore(transaction).forEachInHistory(
                of: userID, since: since, after: part.after, limit: limit + 1, offset: offset.partialValue
            ) { record in
                guard count < limit else {
                    list.endEarly()
                    return false
                }
                count += 1
                return list.add(view.summaryJSON(record))
            }
            return list
        }
    }

    /// Ends an export; the word is `cancelled` from here on, and the callback says so. Doing it twice is no mistake.
    func cancel(_ key: HashKey) async throws {
        let (now, queue, callbacks) = (now(), queue, callbacks)
        try await database.write { transaction in
            let store = ExportStore(transaction)
            guard let found = try store.record(key: key) else { throw ServiceFaults.unknown(key.text) }
            // Job before record, as at the end of an execution: who locks in another order waits for ever.
            try queue.lock(found.job, in: transaction)
            guard var record = try store.lockedRecord(key: key) else { throw ServiceFaults.unknown(key.text) }
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
            try callbacks.keepReached(record, in: transaction)
            record.status = .cancelled
            record.updatedAt = now
            try callbacks.enqueue(record, in: transaction)
        }
    }

    /// Refuses to run a raw export again whose rows are gone.
    private func checkRows(_ key: HashKey) async throws {
        let stored = try await database.read { transaction -> [UInt8]? in
            let store = ExportStore(transaction)
            guard let record = try store.record(key: key), record.sourceType == "raw" else { return nil }
            return try store.body(of: record.id)
        }
        guard let stored, try await !rows.has(key) else { return }
        // The first version kept them in the body.
        guard try JSONValue(parsing: stored)[RawIntake.rowsMember] == nil else { return }
        throw RPCError(
            .failedPrecondition, reason: "rows",
            "the rows that came with the export \(key) are not kept any more: submit another one")
    }

    /// Runs an export again with a job of its own, once the last one has physically ended. The old file goes at once; no
    /// record knows it any more, so one that cannot be removed now is found by a sweep.
    ///
    /// - Returns: The export as it is then, as JSON.
    func retry(_ key: HashKey, _ call: KeyedCall?) async throws -> ByteBuffer {
        let (now, queue, view, deadline) = (now(), queue, view, configuration.exportDuration)
        try await checkRows(key)
        let (reply, outdated) = try await database.write(admission: .newWork) { transaction in
            let store = ExportStore(transaction)
            guard let record = try store.lockedRecord(key: key) else { throw ServiceFaults.unknown(key.text) }
            guard record.status != .processing else {
                throw RPCError(.failedPrecondition, reason: "running", "expected a finished export, \(key) is not")
            }
            // Ended jobs are removed some day; the record outlives them.
            let predecessor = try queue.state(of: record.job, in: transaction) == nil ? nil : record.job
            let job = try queue.submit(
                ExportJob.newJob(key: key, deadline: deadline, after: predecessor), in: transaction)
            try store.restart(record.id, job: job.id, at: now)
            guard let restarted = try store.record(key: key) else { throw ServiceFaults.unknown(key.text) }
            let reply = try RPCCoding.encode(view.detail(restarted, progress: nil))
            try call?.keep(reply, in: transaction)
            return (reply, record.result?.artifact)
        }
        if let outdated { try? await artifacts.remove([outdated]) }
        return reply
    }
}
