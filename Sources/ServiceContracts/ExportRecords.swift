/// Status of an export, in the document's numbers.
public enum ExportStatus: Int, Codable, Sendable, Hashable {
    /// Waiting or running.
    case processing = 1
    /// The file is there (until it expires).
    case succeeded = 2
    /// See `failReason`.
    case failed = 3
    /// By request.
    case cancelled = 4
}

/// An export as the history shows it.
public struct ExportSummary: Codable, Sendable, Hashable {
    /// When it was submitted: RFC 3339 with the server's offset.
    public var createdAt: String
    /// `XLSX`, `CSV`, `TSV` or `JSONL`.
    public var extType: String
    /// Why it failed; empty otherwise.
    public var failReason: String
    /// Its public name.
    public var hashKey: String
    /// Its number.
    public var id: Int
    /// `http` or `raw`.
    public var sourceType: String
    /// Where it is.
    public var status: ExportStatus
    /// As submitted.
    public var title: String

    /// An export with everything the document shows.
    public init(
        createdAt: String, extType: String, failReason: String, hashKey: String, id: Int, sourceType: String,
        status: ExportStatus, title: String
    ) {
        self.createdAt = createdAt
        self.extType = extType
        self.failReason = failReason
        self.hashKey = hashKey
        self.id = id
        self.sourceType = sourceType
        self.status = status
        self.title = title
    }

    enum CodingKeys: String, CodingKey {
        case createdAt = "created_at"
        case extType = "ext_type"
        case failReason = "fail_reason"
        case hashKey = "hash_key"
        case id
        case sourceType = "source_type"
        case status, title
    }
}

/// Part of a user's history.
public struct ExportHistory: Codable, Sendable, Hashable {
    /// Newest first.
    public var items: [ExportSummary]
    /// There are older ones behind the last: ask on with its id as `after`.
    public var more: Bool

    /// A part with these exports.
    public init(items: [ExportSummary], more: Bool) {
        self.items = items
        self.more = more
    }
}

/// Everything about one export: the summary's members, the link, and what we add.
public struct ExportDetail: Codable, Sendable, Hashable {
    /// The members an export has in the history too.
    public var summary: ExportSummary
    /// Where the zip is; empty unless it can be had.
    public var downURL: String
    /// When `downURL` stops working, RFC 3339; nil when links are not signed.
    public var linkExpiresAt: String?
    /// Percent of the rows that are in the file, 0…100.
    public var progress: Int
    /// Rows in the file so far, headers not counted.
    public var rows: Int
    /// Rows of the source, as far as it is known.
    public var totalRows: Int?
    /// Files in the zip.
    public var files: Int
    /// Octets of the zip.
    public var bytes: Int
    /// When the zip is removed, RFC 3339; in the past once it has been.
    public var expiresAt: String?
    /// True once the zip has been removed.
    public var expired: Bool
    /// Cells that could not be written exactly as they came.
    public var warnings: Int
    /// What it is doing; nil when it does not run, or has not said yet.
    public var running: ExportRunning?

    /// An export of which nothing is known but its summary.
    public init(summary: ExportSummary) {
        self.summary = summary
        downURL = ""
        linkExpiresAt = nil
        progress = 0
        rows = 0
        totalRows = nil
        files = 0
        bytes = 0
        expiresAt = nil
        expired = false
        warnings = 0
        running = nil
    }

    enum CodingKeys: String, CodingKey {
        case downURL = "down_url"
        case linkExpiresAt = "link_expires_at"
        case progress, rows
        case totalRows = "total_rows"
        case files, bytes
        case expiresAt = "expires_at"
        case expired, warnings, phase
    }

    /// Reads the summary's members and the others from one object.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(summary: try ExportSummary(from: decoder))
        downURL = try members.decode(String.self, forKey: .downURL)
        linkExpiresAt = try members.decodeIfPresent(String.self, forKey: .linkExpiresAt)
        progress = try members.decode(Int.self, forKey: .progress)
        rows = try members.decode(Int.self, forKey: .rows)
        totalRows = try members.decodeIfPresent(Int.self, forKey: .totalRows)
        files = try members.decode(Int.self, forKey: .files)
        bytes = try members.decode(Int.self, forKey: .bytes)
        expiresAt = try members.decodeIfPresent(String.self, forKey: .expiresAt)
        expired = try members.decode(Bool.self, forKey: .expired)
        warnings = try members.decode(Int.self, forKey: .warnings)
        if members.contains(.phase) { running = try ExportRunning(from: decoder) }
    }

    /// Writes the summary's members and the others into one object; what is unknown is null, but
    /// unsigned links have no end and so no member for it.
    public func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(downURL, forKey: .downURL)
        try members.encodeIfPresent(linkExpiresAt, forKey: .linkExpiresAt)
        try members.encode(progress, forKey: .progress)
        try members.encode(rows, forKey: .rows)
        try members.encode(totalRows, forKey: .totalRows)
        try members.encode(files, forKey: .files)
        try members.encode(bytes, forKey: .bytes)
        try members.encode(expiresAt, forKey: .expiresAt)
        try members.encode(expired, forKey: .expired)
        try members.encode(warnings, forKey: .warnings)
        try running?.encode(to: encoder)
    }
}

/// What an export that runs is doing, and how fast.
public struct ExportRunning: Codable, Sendable, Hashable {
    /// `crawling`, `writing`, `zipping` or `storing`.
    public var phase: String
    /// Pages of the source so far.
    public var pages: Int
    /// Their octets, unpacked.
    public var sourceBytes: Int
    /// Octets the export takes on the service's disk.
    public var diskBytes: Int
    /// Pages fetched per second, over the last seconds.
    public var pagesPerSecond: Double?
    /// Until all rows are in the file, at the present rate.
    public var secondsLeft: Int?

    /// An export that is doing this.
    public init(
        phase: String, pages: Int, sourceBytes: Int, diskBytes: Int, pagesPerSecond: Double? = nil,
        secondsLeft: Int? = nil
    ) {
        self.phase = phase
        self.pages = pages
        self.sourceBytes = sourceBytes
        self.diskBytes = diskBytes
        self.pagesPerSecond = pagesPerSecond
        self.secondsLeft = secondsLeft
    }

    enum CodingKeys: String, CodingKey {
        case phase, pages
        case sourceBytes = "source_bytes"
        case diskBytes = "disk_bytes"
        case pagesPerSecond = "pages_per_second"
        case secondsLeft = "seconds_left"
    }
}
