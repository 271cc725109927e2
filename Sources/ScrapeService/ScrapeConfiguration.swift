package import JobQueue
import Spreadsheet
package import XAPI

/// The settings of the scraper; all but the directory and the keys have defaults.
package struct ScrapeConfiguration: Sendable {
    /// Files under way are kept below it.
    package var dataDirectory: String
    /// Base URL, dialect, tries (`scrape.xBaseURL`, …).
    package var api = XAPIConfiguration()
    /// The default credential, for tasks without an account; empty: there is none (`scrape.bearerToken`).
    package var bearerToken = ""
    /// Local, private or reserved addresses that proxies of tasks may have, as `host:port` or CIDR
    /// (`scrape.allowedProxies`).
    package var allowedProxies: [String] = []
    /// Seal the secrets of accounts and proxies: one a line, the first one seals, the others still open.
    package var secretKeys: String
    /// Executions that work at the same time; those that wait for a window do not count.
    package var executionsMax = 16
    /// Connections to the API at the same time; nil: as many as executions.
    package var connectionsMax: Int?
    /// Characters of a query with its language, as the API takes it from this application
    /// (`scrape.queryCharactersMax`).
    package var queryCharactersMax = CrawlParameters.queryCharactersDefault
    /// Calls of one execution: an API that hands out cursors for ever ends it.
    package var requestsMax = 10_000
    /// Results of one workbook: what a sheet takes besides its header.
    package var workbookRowsMax = XLSXLimits.rows - 1
    /// Workbooks written at the same time: each takes a thread and a file of its own (`scrape.workbooksMax`).
    package var workbooksMax = 2
    /// Octets that have to stay free on the disk of the data directory while workbooks are written; 0: none
    /// (`store.freeBytesMin`).
    package var freeBytesMin: UInt64 = 256 << 20
    /// CSV text that a spreadsheet would run as a formula gets an apostrophe in front (`scrape.csvFormulaGuard`).
    package var csvFormulaGuard = true
    /// How often the API may refuse calls in a row, its windows waited for, before an execution fails.
    package var refusalsMax = 3
    /// What items cost (`scrape.prices`), in units of `currency`.
    package var prices = CallPrices()
    package var currency = "USD"
    /// What all tasks together may spend in a day, in UTC; nil: any amount (`scrape.maxCostPerDay`).
    package var maxCostPerDay: Cost?
    /// Sign callbacks of webhooks without a secret of their own (`outbox.secret`); none: they go unsigned.
    package var callbackSecrets: [String] = []
    /// Local addresses that callbacks may have (`scrape.allowedCallbacks`).
    package var allowedCallbacks: [String] = []
    /// How long executions that brought nothing are kept after their end (`scrape.executionRetention`).
    package var executionRetention: Duration = .seconds(30 * 24 * 3600)
    /// The newest executions of a task that are kept however old they are.
    package var executionsKeptMin = 10
    /// How often executions are looked for that have been kept for long enough.
    package var executionSweepInterval: Duration = .seconds(600)
    /// Results that are removed at once after their task was deleted.
    package var sweepRowsMax = 2_000
    /// Results that wait before they are indexed: a search looks at each of them.
    package var unindexedMax = 2_048
    /// Octets of the index that are kept in memory (`scrape.indexCacheBytesMax`).
    package var indexCacheBytesMax = 128 << 20
    /// Slots, retention of jobs.
    package var jobs = JobQueueConfiguration()

    /// Nil: the machine's, or that of a store which processes share.
    package var clock: JobClock?

    package init(dataDirectory: String, secretKeys: String) {
        self.dataDirectory = dataDirectory
        self.secretKeys = secretKeys
    }

    /// The present instant, in milliseconds since 1970.
    var now: @Sendable () -> Int64 {
        let clock = clock ?? .system
        return { clock.now().milliseconds }
    }

    /// Files of exports under way; emptied at start.
    var workDirectory: String { "\(dataDirectory)/work" }
}
