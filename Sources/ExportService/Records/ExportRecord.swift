import Database
package import JobQueue
package import ServiceContracts

/// The public record of an export: what its submitter sees, whatever jobs work on it.
package struct ExportRecord: Sendable, Equatable {
    package var id: Int
    package var key: HashKey
    package var userID: String
    package var title: String
    package var format: ExportFormat
    /// `http` or `raw`.
    package var sourceType: String
    package var callback: String?
    /// Scheme, host and port of the request that submitted it, for `down_url`; nil when it came by RPC.
    package var base: String?
    /// The job that works on it now, or worked on it last.
    package var job: JobID
    package var status: ExportStatus
    package var failReason: String
    /// Milliseconds since 1970.
    package var createdAt: Int64
    package var updatedAt: Int64
    package var result: ExportResult?
    /// How far it came, of one that ended without a file.
    package var rows: Int
    package var totalRows: Int?

    init(_ row: Row) throws {
        id = try row.get("id")
        let text = try row.get("hash_key", as: String.self)
        guard let key = HashKey(text), let format = ExportFormat(rawValue: try row.get("ext_type")),
            let status = ExportStatus(rawValue: try row.get("status"))
        else { throw DatabaseError(.decoding, "expected an export, found another row") }
        self.key = key
        self.format = format
        self.status = status
        userID = try row.get("user_id")
        title = try row.get("title")
        sourceType = try row.get("source_type")
        callback = try row.get("callback")
        base = try row.get("base")
        job = try row.get("job")
        failReason = try row.get("fail_reason")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
        rows = try row.get("rows_written")
        totalRows = try row.get("total_rows")
        result = status == .succeeded ? try ExportResult(row) : nil
    }

    /// Where its file is, if there is one.
    package var artifactName: ArtifactName { ArtifactName(key: key, submittedAt: createdAt) }
}

/// What a successful export brought.
package struct ExportResult: Sendable, Equatable {
    /// Without headers.
    package var rows: Int
    package var totalRows: Int
    package var files: Int
    package var bytes: Int
    package var warnings: Int
    /// Relative to the artefacts' directory; nil once the zip has been removed.
    package var artifact: String?
    /// Milliseconds since 1970.
    package var expiresAt: Int64

    package init(file: FinishedFile, totalRows: Int, artifact: String, expiresAt: Int64) {
        rows = file.rows
        self.totalRows = totalRows
        files = file.files
        bytes = file.bytes
        warnings = file.warnings
        self.artifact = artifact
        self.expiresAt = expiresAt
    }

    init(_ row: Row) throws {
        rows = try row.get("rows_written")
        totalRows = try row.get("total_rows")
        files = try row.get("files")
        bytes = try row.get("bytes")
        warnings = try row.get("warnings")
        artifact = try row.get("artifact")
        expiresAt = try row.get("expires_at")
    }
}
