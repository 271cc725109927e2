package import HTTPFetch
package import JobQueue

/// The settings of the export service; all but the directory have defaults.
package struct ExportConfiguration: Sendable {
    /// Artefacts and work under way are kept below it.
    package var dataDirectory: String
    /// `host:port` and CIDR entries that sources and callbacks may have although they are local, private or reserved
    /// (`export.allowedSources`). The façade's own address is added by `ExportService.allow`.
    package var allowedSources: [String] = []
    /// Scheme, host and port in `down_url`; nil takes the Host of the request that submitted the export.
    package var publicURL: String?
    /// Signs `down_url`, whose octets are then read with a signature only; nil leaves links unsigned.
    package var links: LinkSigner?
    /// How long a link works that leads to the store of files itself.
    package var linkDuration: Duration = .seconds(86_400)
    /// Seals the passwords of zips in the store, where all replicas need the same one; nil refuses passwords.
    package var passwords: PasswordKeeper?
    /// What sources are asked with, by name.
    package var credentials = SourceCredentials()
    /// A proxy that all pages come through, which has to keep strangers from addresses that are not theirs.
    package var proxy: String?
    /// How pages and callbacks travel; connections of one export are as many as its request says.
    package var transport = CurlFetcherOptions()
    /// Pages asked for per second from one source, by all exports of this process; nil leaves it to the requests.
    package var pagesPerSecondMax: Double?
    /// How far `timestamp` may be from now, in seconds; nil accepts any.
    package var timestampWindowSeconds: Int?

    /// Exports that run at the same time.
    package var exportsMax = 4
    /// Longest time one export may take.
    package var exportDuration: Duration = .seconds(6 * 3600)
    /// One page: decoded octets, seconds, speed.
    package var pageLimits = HTTPFetchLimits()
    /// One crawl; `connections` comes from the request.
    package var crawlLimits = CrawlLimits()
    package var pageRetries = RetrySchedule()
    package var file = FileOptions()
    /// Octets of fetched pages of one export, packed, that are kept until it ends, so that whoever continues it after a
    /// crash does not fetch them again; 0 keeps none.
    package var journalBytesMax = 4 << 30
    /// Where they are, if not below `dataDirectory`: a directory that all processes on this store share, and nobody else.
    package var sharedJournalDirectory: String?

    /// How long a finished zip is kept.
    package var retention: Duration = .seconds(7 * 24 * 3600)
    /// How long the record of an export outlives its end and its zip.
    package var recordRetention: Duration = .seconds(365 * 24 * 3600)
    /// How often expired zips are looked for.
    package var sweepInterval: Duration = .seconds(600)
    /// Days the history goes back.
    package var historyDays = 7
    /// Longest history that is answered at once.
    package var historyRowsMax = 10_000
    /// Exports of one page of the history, when its caller says no number.
    package var historyPageRows = 50

    /// Secrets of the callbacks' signatures (Standard Webhooks), one signature each; none sends them unsigned.
    package var callbackSecrets: [String] = []
    /// Tries and pauses of callbacks, slots, retention of jobs.
    package var jobs = JobQueueConfiguration()

    package init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// Finished files, unless they are kept elsewhere.
    package var artifactDirectory: String { "\(dataDirectory)/artifacts" }
    /// Rows that came with requests; on one file system with `workDirectory`.
    var rowsDirectory: String { "\(dataDirectory)/rows" }
    /// Pages of exports under way.
    var journalDirectory: String { sharedJournalDirectory ?? "\(dataDirectory)/journals" }
    /// Files under way; emptied at start.
    var workDirectory: String { "\(dataDirectory)/work" }
}
