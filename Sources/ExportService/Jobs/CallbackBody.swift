import JSONBytes
import JobQueue
import ServiceContracts

/// The body of a callback. Never the source's headers or parameters: they may be somebody's secrets.
enum CallbackBody {
    /// - Parameter progress: How far the export came, if it said so.
    static func bytes(_ record: ExportRecord, progress: JobProgress?, view: ExportView) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("log")
        writeLog(record, to: &writer)
        writer.key("file")
        if let result = record.result { writeFile(record, result, to: &writer) } else { writer.null() }
        if let progress {
            writer.key("progress")
            writeProgress(progress, of: record.result, to: &writer)
        }
        let link = view.link(record)
        writer.key("down_url")
        writer.string(link?.url ?? "")
        if let expires = link?.expires {
            writer.key("link_expires_at")
            writer.string(WallClock.text(milliseconds: Int64(expires) * 1_000))
        }
        writer.endObject()
        return writer.bytes
    }

    /// - Parameter result: Of an export that succeeded; what it says counts.
    private static func writeProgress(_ progress: JobProgress, of result: ExportResult?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("percent")
        writer.integer(result != nil ? 100 : ExportView.percent(progress))
        writer.key("rows")
        writer.integer(result?.rows ?? progress.done)
        writer.key("total_rows")
        if let total = result?.totalRows ?? progress.total { writer.integer(total) } else { writer.null() }
        ExportProgress(ofJob: progress)?.writeMembers(to: &writer)
        writer.endObject()
    }

    private static func writeLog(_ record: ExportRecord, to writer: inout JSONWriter) {
        let texts = [
            ("hash_key", record.key.text), ("title", record.title), ("ext_type", record.format.rawValue),
            ("source_type", record.sourceType), ("user_id", record.userID), ("callback", record.callback ?? ""),
            ("fail_reason", record.failReason), ("created_at", WallClock.text(milliseconds: record.createdAt)),
            ("updated_at", WallClock.text(milliseconds: record.updatedAt)),
        ]
        writer.beginObject()
        writer.key("id")
        writer.integer(record.id)
        writer.key("status")
        writer.integer(record.status.rawValue)
        for (name, text) in texts {
            writer.key(name)
            writer.string(text)
        }
        writer.endObject()
    }

    private static func writeFile(_ record: ExportRecord, _ result: ExportResult, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("name")
        writer.string(record.artifactName.file)
        for (name, number) in [
            ("bytes", result.bytes), ("files", result.files), ("rows", result.rows),
            ("total_rows", result.totalRows), ("warnings", result.warnings),
        ] {
            writer.key(name)
            writer.integer(number)
        }
        writer.key("expires_at")
        writer.string(WallClock.text(milliseconds: result.expiresAt))
        writer.endObject()
    }
}
