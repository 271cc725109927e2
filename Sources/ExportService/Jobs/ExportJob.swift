import Artifacts
import Database
import HTTPFetch
import JSONBytes
import JobQueue
import Logging
import NIOPosix
import ServiceContracts

/// The work of one export: crawl, write, pack, publish.
///
/// One attempt: only pages are tried again. A job whose process died writes its file anew, of pages that the dead one had
/// fetched as far as there are any (`PageJournal`).
struct ExportJob: JobHandler {
    static let name = "export"

    let kind: String = ExportJob.name
    let configuration: ExportConfiguration
    let database: any Database
    let artifacts: any ArtifactStore
    let rows: RowsKeeper
    let journals: JournalKeeper
    let diskUse: DiskUse
    let callbacks: ExportCallbacks
    let policy: @Sendable () -> AddressPolicy
    let logger: Logger
    /// Of all exports of this process.
    let pacers = SourcePacers()

    /// The job of a record; its key is all it needs, the request is in the store and never changes.
    static func newJob(key: HashKey, deadline: Duration, after predecessor: JobID? = nil) -> NewJob {
        NewJob(
            kind: name, queue: name, parameters: Array(key.text.utf8), uniqueKey: key.text, exclusiveKeys: [key.text],
            deadline: deadline, retry: .never, rescue: .rerun, predecessor: predecessor)
    }

    func run(_ job: RunningJob) async throws -> JobOutcome {
        guard let (record, request) = try await load(job) else {
            return .failed(reason: "the request of this export cannot be read any more")
        }
        let directory = "\(configuration.workDirectory)/\(job.id)-\(job.fence.rawValue)"
        let journal = journal(of: record, job)
        let count = FileCount()
        // Rows are written anew after a crash. What lasts are pages in the journal, and those count when they are found.
        let meter = ProgressMeter(
            phase: request.source == .raw ? .writing : .crawling, diskBytes: { count.bytes + journal.bytes },
            report: { [diskUse] progress in
                diskUse.note(job.id, progress.diskBytes)
                job.progress(progress.ofJob, isLasting: false)
            })
        defer { diskUse.note(job.id, nil) }
        let file = ExportFile(
            directory: directory, title: request.title, format: request.format, options: configuration.file,
            shape: request.shape, uniqueKey: request.uniqueKey, password: request.password, journal: journal,
            pages: request.source.reader, count: count, report: { meter.wrote(rows: $0) })
        do {
            let totalRows = try await journal.synchronizing {
                try await write(request, key: record.key, into: file, journal, meter, job)
            }
            try await file.finishParts()
            meter.begin(.zipping)
            var finished = try await file.finish()
            // Only where the settings allow it: the file is not what the source says it has.
            if finished.rows != totalRows { finished.warnings += 1 }
            try Task.checkCancellation()
            let name = record.artifactName.makeStoredName()
            meter.begin(.storing)
            try await publish(finished, as: name)
            await file.abandon()
            ExportMetrics.wrote(finished)
            return success(record, finished, named: name, totalRows: totalRows)
        } catch {
            await file.abandon()
            // Stopped by a cancel, its deadline or shutdown: there is no outcome to report.
            try Task.checkCancellation()
            return .failed(reason: reason(error))
        }
    }

    private func journal(of record: ExportRecord, _ job: RunningJob) -> PageJournal {
        let logger = logger
        return PageJournal(
            directory: journals.path(job.id, record.key), fence: job.fence.rawValue,
            bytesMax: configuration.journalBytesMax, window: configuration.crawlLimits.connections,
            failed: { error in
                ExportMetrics.journalFailed()
                logger.warning(
                    "pages of an export are not kept any more: a crash costs them",
                    metadata: ["key": "\(record.key)", "error": "\(error)"])
            })
    }

    /// What a store says of itself is for the operator, not for the one who reads `fail_reason`.
    private func publish(_ file: FinishedFile, as name: String) async throws {
        do {
            try await artifacts.publish(file: file.path, as: name)
        } catch {
            if error.kind != .cancelled {
                logger.error("a finished file cannot be kept", metadata: ["name": "\(name)", "error": "\(error)"])
            }
            let reason = error.kind == .full ? "there is no room for it" : "the store of files does not take it"
            throw CrawlFailure("the finished file cannot be kept: \(reason)")
        }
    }

    /// Errors of files name them in full; where we keep them is not for the one who reads `fail_reason`.
    private func reason(_ error: any Error) -> String {
        "\(error)".replacing("\(configuration.dataDirectory)/", with: "")
    }

    func ended(_ job: EndedJob, in transaction: any Transaction) throws {
        let store = ExportStore(transaction)
        let status = ExportStatus(job.state)
        let reason = status == .failed ? job.reason ?? "the export failed" : ""
        transaction.afterCommit { ExportMetrics.ended(status) }
        // A record that was started again belongs to its next job.
        guard let record = try store.lockedRecord(job: job.id) else { return }
        let (logger, journals) = (logger, journals)
        transaction.afterCommit {
            journals.remove(job.id, record.key)
            logger.info(
                "export ended", metadata: ["key": "\(record.key)", "status": "\(status)", "reason": "\(reason)"])
        }
        // A cancel has been told already.
        guard record.status == .processing else { return }
        try store.setStatus(status, reason: reason, of: record.id, at: job.endedAt.milliseconds)
        if status != .succeeded { try callbacks.keepReached(record, in: transaction) }
        guard let ended = try store.lockedRecord(job: job.id) else { return }
        try callbacks.enqueue(ended, in: transaction)
    }

    func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws {
        let store = ExportStore(transaction)
        guard let record = try store.lockedRecord(job: old) else { return }
        // It failed, so there is no file to remove.
        try store.restart(record.id, job: new, at: WallClock.milliseconds())
    }

    /// The record and what it asks for; nil when that is no request any more.
    private func load(_ job: RunningJob) async throws -> (ExportRecord, ExportRequest)? {
        guard let key = HashKey(String(decoding: job.parameters, as: UTF8.self)) else { return nil }
        let stored = try await database.read { transaction -> (ExportRecord, [UInt8])? in
            let store = ExportStore(transaction)
            guard let record = try store.record(key: key), let body = try store.body(of: record.id) else { return nil }
            return (record, body)
        }
        guard let (record, body) = stored, let value = try? JSONValue(parsing: body),
            var request = try? RequestRules().check(value, record.sourceType == "raw" ? .raw : .http)
        else { return nil }
        if request.source == .raw { try await rows.restore(key, from: value) }
        request.password = try PasswordKeeper.password(of: value, key, openedBy: configuration.passwords)
        return (record, request)
    }

    /// Brings all rows into the file; answers how many the source says it has.
    private func write(
        _ request: ExportRequest, key: HashKey, into file: ExportFile, _ journal: PageJournal, _ meter: ProgressMeter,
        _ job: RunningJob
    ) async throws -> Int {
        switch request.source {
        case .raw:
            let path = rows.path(key)
            let total = try await RowsKeeper.threads.runIfActive { try RowsFile.countRows(of: path) }
            meter.source(total: total, isCrawled: true)
            return try await file.write(rowsIn: path)
        case .http(let source):
            // Pages fetched since the last crash are progress that lasts, whoever looks at it.
            if await journal.open(isRescued: job.rescues > 0) > 0, job.rescues > 0 { try await job.write { _ in } }
            var options = configuration.transport
            options.connectionsPerHostMax = source.connections
            let http = try CurlFetcher(options: options)
            let run = CrawlRun(
                source: source, key: key, configuration: configuration, policy: policy(), journal: journal,
                meter: meter,
                pacers: pacers)
            do {
                let total = try await run.crawl(with: http, into: file)
                await http.shutdown()
                return total
            } catch {
                await http.shutdown()
                throw error
            }
        }
    }

    private func success(_ record: ExportRecord, _ file: FinishedFile, named name: String, totalRows: Int) -> JobOutcome
    {
        let lifetime = configuration.retention.components.seconds * 1_000
        let result = ExportResult(
            file: file, totalRows: totalRows, artifact: name,
            expiresAt: WallClock.milliseconds() + lifetime)
        return .succeeded(alsoInTransaction: { try ExportStore($0).setResult(result, of: record.id) })
    }
}
