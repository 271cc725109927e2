import JobAdmin
import JSONBytes
import JobQueue
import NIOCore
import RPC
import ServiceContracts

/// `export.job.events`: progress until the export ends, then the export itself.
struct EventMethod: Sendable {
    let rules: ExportRules

    func register(in methods: inout RPCMethods) {
        // It waits as long as an export may take, and a little longer than that.
        let timeout = rules.configuration.exportDuration + .seconds(60)
        let options = RPCMethodOptions(timeout: timeout, isLong: true, isIdempotent: true)
        methods.register(ExportMethods.events, options: options) { params, context in
            try await ServiceFaults.translating { try await follow(params.key, context) }
        }
    }

    private func follow(_ text: String, _ context: RPCContext) async throws -> ExportDetail {
        guard let key = HashKey(text), let record = try await rules.record(key) else {
            throw ServiceFaults.unknown(text)
        }
        if record.status == .processing { try await relay(record, context) }
        guard let detail = try await rules.detail(key) else { throw ServiceFaults.unknown(text) }
        return detail
    }

    private func relay(_ record: ExportRecord, _ context: RPCContext) async throws {
        let events: JobEvents
        do {
            events = try await rules.queue.events(of: record.job)
        } catch JobError.unknownJob {
            return  // it has ended and was removed
        } catch JobError.tooManyWatchers(let limit) {
            throw RPCError(.resourceExhausted, reason: "watchers", "expected at most \(limit) watchers of exports")
        }
        for await event in events {
            switch event {
            case .progress(let progress): context.progress(report(progress, of: record))
            case .state(let state): if ExportStatus(state) != .processing { return }
            }
        }
        // The stream ends early only when the watching task is cancelled or the queue stops.
        try Task.checkCancellation()
        throw JobAdmin.watchCutShort
    }

    private func report(_ progress: JobProgress, of record: ExportRecord) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("hash_key")
        writer.string(record.key.text)
        for (name, number) in [
            ("status", ExportStatus.processing.rawValue), ("progress", ExportView.percent(progress)),
            ("rows", progress.done),
        ] {
            writer.key(name)
            writer.integer(number)
        }
        writer.key("total_rows")
        if let total = progress.total { writer.integer(total) } else { writer.null() }
        if let report = ExportProgress(ofJob: progress) { report.writeMembers(to: &writer) }
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}
