package import JobQueue
package import ServiceContracts

/// Turns records into what clients see.
package struct ExportView: Sendable {
    /// Scheme, host and port of every link, when the setting names them.
    let publicURL: String?
    /// The façade's own address, for exports that came by RPC.
    let ownAddress: @Sendable () -> String?

    package init(publicURL: String?, ownAddress: @escaping @Sendable () -> String?) {
        self.publicURL = publicURL
        self.ownAddress = ownAddress
    }

    package func summary(_ record: ExportRecord) -> ExportSummary {
        ExportSummary(
            createdAt: WallClock.text(milliseconds: record.createdAt), extType: record.format.rawValue,
            failReason: record.failReason, hashKey: record.key.text, id: record.id, sourceType: record.sourceType,
            status: record.status, title: record.title)
    }

    /// - Parameter progress: Of the job, while it runs.
    package func detail(_ record: ExportRecord, progress: JobProgress?) -> ExportDetail {
        var detail = ExportDetail(summary: summary(record))
        if let result = record.result {
            detail.downURL = downURL(record)
            detail.progress = 100
            detail.rows = result.rows
            detail.totalRows = result.totalRows
            detail.files = result.files
            detail.bytes = result.bytes
            detail.warnings = result.warnings
            detail.expiresAt = WallClock.text(milliseconds: result.expiresAt)
            detail.expired = result.artifact == nil
        } else if let progress {
            detail.rows = progress.done
            detail.totalRows = progress.total
            detail.progress = Self.percent(progress)
        }
        return detail
    }

    /// Empty unless there is a file.
    package func downURL(_ record: ExportRecord) -> String {
        guard let artifact = record.result?.artifact else { return "" }
        var base = publicURL ?? record.base ?? ownAddress().map { "http://\($0)" } ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        return "\(base)/v1/down/\(artifact)"
    }

    /// 100 is left for the finished file.
    static func percent(_ progress: JobProgress) -> Int {
        guard let total = progress.total, total > 0 else { return 0 }
        return min(99, progress.done * 100 / total)
    }
}
