package import Artifacts
import JSONBytes
package import JobQueue
package import ServiceContracts

/// Turns records into what clients see.
package struct ExportView: Sendable {
    /// Scheme, host and port of every link, when the setting names them.
    let publicURL: String?
    /// Signs links; nil leaves them unsigned.
    let links: LinkSigner?
    /// Links that lead to the store itself, if it gives them.
    let storeLinks: StoreLinks?
    /// The façade's own address, for exports that came by RPC.
    let ownAddress: @Sendable () -> String?

    package init(
        publicURL: String?, links: LinkSigner? = nil, storeLinks: StoreLinks? = nil,
        ownAddress: @escaping @Sendable () -> String?
    ) {
        self.publicURL = publicURL
        self.links = links
        self.storeLinks = storeLinks
        self.ownAddress = ownAddress
    }

    package func summary(_ record: ExportRecord) -> ExportSummary {
        ExportSummary(
            createdAt: WallClock.text(milliseconds: record.createdAt), extType: record.format.rawValue,
            failReason: record.failReason, hashKey: record.key.text, id: record.id, sourceType: record.sourceType,
            status: record.status, title: record.title)
    }

    /// The same as JSON; thousands of them make a history.
    func summaryJSON(_ record: ExportRecord) -> [UInt8] {
        let summary = summary(record)
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        for (name, text) in [
            ("created_at", summary.createdAt), ("ext_type", summary.extType), ("fail_reason", summary.failReason),
            ("hash_key", summary.hashKey),
        ] {
            writer.key(name)
            writer.string(text)
        }
        writer.key("id")
        writer.integer(summary.id)
        writer.key("source_type")
        writer.string(summary.sourceType)
        writer.key("status")
        writer.integer(summary.status.rawValue)
        writer.key("title")
        writer.string(summary.title)
        writer.endObject()
        return writer.bytes
    }

    /// - Parameter progress: Of the job, while it runs.
    package func detail(_ record: ExportRecord, progress: JobProgress?) -> ExportDetail {
        var detail = ExportDetail(summary: summary(record))
        if let result = record.result {
            let link = link(record)
            detail.downURL = link?.url ?? ""
            detail.linkExpiresAt = link?.expires.map { WallClock.text(milliseconds: Int64($0) * 1_000) }
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
            detail.running = ExportProgress(ofJob: progress)?.contract
        } else {
            detail.rows = record.rows
            detail.totalRows = record.totalRows
            detail.progress = Self.percent(JobProgress(done: record.rows, total: record.totalRows))
        }
        return detail
    }

    /// A link made now.
    ///
    /// - Returns: The link, and in which second since 1970 it ends, if links are signed; nil without a file.
    func link(_ record: ExportRecord) -> (url: String, expires: Int?)? {
        guard let stored = record.result?.artifact, let artifact = ArtifactName(stored: stored)?.path else {
            return nil
        }
        if let link = storeLinks?.link(to: stored, titled: record.title) { return link }
        var base = publicURL ?? record.base ?? ownAddress().map { "http://\($0)" } ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        let url = "\(base)/v1/down/\(artifact)"
        guard let proof = links?.sign(artifact) else { return (url, nil) }
        return ("\(url)?expires=\(proof.expires)&signature=\(proof.signature)", proof.expires)
    }

    /// 100 is left for the finished file.
    static func percent(_ progress: JobProgress) -> Int {
        guard let total = progress.total, total > 0 else { return 0 }
        return min(99, progress.done * 100 / total)
    }
}

/// Links to the store of files, past the façade.
package struct StoreLinks: Sendable {
    let artifacts: any ArtifactStore
    let duration: Duration

    package init(artifacts: any ArtifactStore, duration: Duration) {
        self.artifacts = artifacts
        self.duration = duration
    }

    /// - Returns: The link, and in which second since 1970 it ends; nil when the store gives none.
    func link(to name: String, titled title: String) -> (url: String, expires: Int?)? {
        let fileName = "\(FileTitle.sanitized(title)).zip"
        return artifacts.link(to: name, called: fileName, lasting: duration)
            .map { ($0, WallClock.seconds() + Int(duration.components.seconds)) }
    }
}
