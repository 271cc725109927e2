import DatabaseSQLite
import ExportService
import Foundation
import HTTPFetch
import JobQueue
import ServiceRuntime
import Spreadsheet

/// The export service: its limits, its files, and whom it may crawl.
enum ExportSettings {
    private static let defaults = ExportConfiguration(dataDirectory: "")

    static let allowedSources = Setting(
        "export.allowedSources",
        .list(of: "host:port and CIDR entries", accepts: { (try? AllowedSource(parsing: $0)) != nil }),
        default: [],
        "Local, private or reserved addresses that sources and callbacks may have; the façade's own is always allowed.")
    static let exportsMax = Setting(
        "export.exportsMax", .integer(1...256), default: defaults.exportsMax,
        "Exports that run at the same time, over all replicas of a store.")
    static let exportTimeout = Setting(
        "export.exportTimeout", .duration(.seconds(1) ... .seconds(7 * 86_400)), default: defaults.exportDuration,
        "How long one export may take.")
    static let pageBytesMax = Setting(
        "export.pageBytesMax", .bytes(1024...(1 << 30)), default: defaults.pageLimits.bodyBytesMax,
        "Octets of one page after decompression.")
    static let pageTimeout = Setting(
        "export.pageTimeout", .duration(.seconds(1) ... .seconds(3600)), default: defaults.pageLimits.timeout,
        "How long one page may take.")
    static let pageConnectTimeout = Setting(
        "export.pageConnectTimeout", .duration(.seconds(1) ... .seconds(3600)),
        default: defaults.pageLimits.connectTimeout, "How long connecting to a source may take.")
    static let lowSpeedBytesPerSecond = Setting(
        "export.lowSpeedBytesPerSecond", .bytes(0...(1 << 30)), default: defaults.pageLimits.lowSpeedBytesPerSecond,
        "A page that comes slower than this for lowSpeedDuration is given up; 0: any speed.")
    static let lowSpeedDuration = Setting(
        "export.lowSpeedDuration", .duration(.seconds(1) ... .seconds(3600)),
        default: defaults.pageLimits.lowSpeedDuration, "How long a page may come too slowly.")
    static let pageTriesMax = Setting(
        "export.pageTriesMax", .integer(1...100), default: defaults.pageRetries.triesMax,
        "Tries of one page, the first included.")
    static let retryAfterMax = Setting(
        "export.retryAfterMax", .duration(.zero ... .seconds(86_400)), default: defaults.pageRetries.retryAfterMax,
        "Longest Retry-After of a source that is waited for; one that asks for more fails the export.")
    static let heldBytesMax = Setting(
        "export.heldBytesMax", .bytes((1 << 20)...(1 << 36)), default: defaults.crawlLimits.heldBytesMax,
        "Octets of fetched pages of one export that wait to be written.")
    static let pagesMax = Setting(
        "export.pagesMax", .integer(1...100_000_000), default: defaults.crawlLimits.pagesMax, "Pages of one export.")
    static let rowsMax = Setting(
        "export.rowsMax", .integer(1...1_000_000_000), default: defaults.crawlLimits.rowsMax, "Rows of one export.")
    static let rowsPerFile = Setting(
        "export.rowsPerFile", .integer(1...1_048_575), default: defaults.file.rowsPerFile,
        "Rows of one workbook; more go to further workbooks of the same zip.")
    static let sheetPerPart = Setting(
        "export.sheetPerPart", .boolean, default: defaults.file.sheetPerPart,
        "Put those rows on further sheets of the same workbook instead, at most 255; requests may say otherwise.")
    static let partsAtOnceMax = Setting(
        "export.partsAtOnceMax", .integer(1...64), default: defaults.file.partsAtOnceMax,
        "Workbooks of one export that are written at the same time, each by two threads and with some 16 MiB of its own."
    )
    static let journalBytesMax = Setting(
        "export.journalBytesMax", .bytes(0...(1 << 44)), default: defaults.journalBytesMax,
        "Octets of fetched pages, packed, that one export keeps until it ends, so that a crash does not cost them; 0: none."
    )
    static let journalDirectory = Setting(
        "export.journalDirectory", .text, default: "",
        "Where those are, for replicas that go on with each other's exports: a directory that all processes on this store share, and nobody else. Empty: in the data directory."
    )
    static let diskBytesMax = Setting(
        "export.diskBytesMax", .bytes((1 << 20)...(1 << 44)), default: defaults.file.diskBytesMax,
        "Octets that the files of one export may take on the disk while they are written.")
    static let strictTotal = Setting(
        "export.strictTotal", .boolean, default: defaults.crawlLimits.strictTotal,
        "Fail an export whose rows are not as many as its source says; else that is one of its warnings.")
    static let xlsxEngine = Setting(
        "export.engine", .oneOf(XLSXEngineKind.allCases.map(\.rawValue)), default: defaults.file.xlsxEngine.rawValue,
        "Who writes the cells of workbooks: libxlsxwriter, or our stream into a workbook of its.")
    static let xlsxCompression = Setting(
        "export.compression", .oneOf(XLSXCompression.allCases.map(\.rawValue)),
        default: defaults.file.xlsxCompression.rawValue,
        "Workbooks that are written fast or that are small; libxlsxwriter writes small ones only.")
    static let styles = Setting(
        "export.styles", .text, default: "",
        "A directory of templates, YAML or JSON, that say what the workbooks of certain titles look like; read when the process starts. Empty: all are plain."
    )
    static let csvByteOrderMark = Setting(
        "export.csvByteOrderMark", .boolean, default: defaults.file.csvByteOrderMark,
        "Begin CSV files with a byte order mark, which Excel needs to read UTF-8.")
    static let csvFormulaGuard = Setting(
        "export.csvFormulaGuard", .boolean, default: defaults.file.csvFormulaGuard,
        "Put an apostrophe before CSV text that a spreadsheet would run as a formula.")
    static let retention = Setting(
        "export.retention", .duration(.seconds(60) ... .seconds(3650 * 86_400)), default: defaults.retention,
        "How long a finished file can be downloaded.")
    static let recordRetention = Setting(
        "export.recordRetention", .duration(.seconds(86_400) ... .seconds(36_500 * 86_400)),
        default: defaults.recordRetention,
        "How long an export is known after its end and the end of its file; its key can be submitted anew then.")
    static let jobRetention = Setting(
        "export.jobRetention", .duration(.seconds(3600) ... .seconds(3650 * 86_400)),
        default: defaults.jobs.retention.succeeded, "How long jobs are kept that have succeeded or were cancelled.")
    static let failedJobRetention = Setting(
        "export.failedJobRetention", .duration(.seconds(3600) ... .seconds(3650 * 86_400)),
        default: defaults.jobs.retention.failed, "How long failed jobs are kept, which can be redriven meanwhile.")
    static let linkSigning = Setting(
        "export.linkSigning", .boolean, default: false,
        "Sign down_url: a download then needs a link that the service gave out, and that has not expired.")
    static let linkDuration = Setting(
        "export.linkDuration", .duration(.seconds(1) ... .seconds(3650 * 86_400)), default: .seconds(86_400),
        "How long a signed link works. A callback's is made when the export ends: longer than outbox.backoff in all.")
    static let linkKeyFile = Setting(
        "export.linkKeyFile", .text, default: "",
        "The file of the key that signs links; another key ends all links given out. Empty: export/link.key in the data directory."
    )
    static let secretKeyFile = Setting(
        "export.secretKeyFile", .text, default: "",
        "The file of the key that the passwords of zips are kept with, the same for all replicas; of several, one a line, the first seals and all open. Empty: DATA/export/secret.key, made on first start. Mode 600, or the exporter does not start."
    )
    static let credentialsFile = Setting(
        "export.credentialsFile", .text, default: "",
        "What sources are asked with, as JSON: {\"NAME\": {\"origins\": [\"https://erp.example\"], \"bearer\": \"…\"}}, or \"basic\": \"user:password\", or files in \"certificate\" and \"key\", \"authority\"; requests name one. Empty: none."
    )
    static let proxy = Setting(
        "export.proxy", .text, default: "", isSecret: true,
        "The proxy all pages come through, such as http://proxy:3128. It resolves names, so it has to keep strangers' exports from addresses inside, too. Empty: none."
    )
    static let pagesPerSecondMax = Setting(
        "export.pagesPerSecondMax", .integer(0...1_000), default: 0,
        "Pages that all exports of a process ask one source (scheme, host and port) for per second, at most; 0: as many as the requests say."
    )
    static let timestampWindow = Setting(
        "export.timestampWindow", .duration(.zero ... .seconds(10 * 365 * 86_400)), default: .zero,
        "How far a request's timestamp may be from now; 0s: any.")
    static let all: [any AnySetting] = [
        allowedSources, exportsMax, exportTimeout, pageBytesMax, pageTimeout, pageConnectTimeout,
        lowSpeedBytesPerSecond, lowSpeedDuration, pageTriesMax, retryAfterMax, heldBytesMax, pagesMax, rowsMax,
        rowsPerFile, sheetPerPart, partsAtOnceMax, journalBytesMax, journalDirectory, diskBytesMax, strictTotal,
        xlsxEngine,
        xlsxCompression, styles, csvByteOrderMark, csvFormulaGuard, retention, recordRetention, jobRetention,
        failedJobRetention, linkSigning, linkDuration, linkKeyFile, secretKeyFile, credentialsFile, proxy,
        pagesPerSecondMax, timestampWindow,
    ]

    static func configuration(_ settings: Settings, directory: String) throws -> ExportConfiguration {
        var configuration = ExportConfiguration(dataDirectory: directory)
        configuration.allowedSources = settings[allowedSources]
        let publicURL = settings[GatewaySettings.publicURL]
        configuration.publicURL = publicURL.isEmpty ? nil : publicURL
        let window = settings[timestampWindow].components.seconds
        configuration.timestampWindowSeconds = window == 0 ? nil : Int(window)
        configuration.exportsMax = settings[exportsMax]
        configuration.exportDuration = settings[exportTimeout]
        applyCrawl(settings, to: &configuration)
        try applyFile(settings, to: &configuration.file)
        applyRetention(settings, to: &configuration)
        configuration.journalBytesMax = settings[journalBytesMax]
        let journals = settings[journalDirectory]
        configuration.sharedJournalDirectory = journals.isEmpty ? nil : journals
        if settings[linkSigning] {
            let key = try SecretFile.load(linkKeyFile, settings, orMakeAt: directory + "/link.key")
            configuration.links = LinkSigner(key: Array(key.utf8), duration: settings[linkDuration])
        }
        configuration.passwords = try passwords(settings, directory)
        try applySources(settings, to: &configuration)
        configuration.linkDuration = settings[linkDuration]
        OutboxSettings.apply(settings, to: &configuration.jobs)
        configuration.callbackSecrets = OutboxSettings.secrets(settings)
        configuration.jobs.workers = StoreSettings.workerTimes(settings)
        return configuration
    }

    private static func passwords(_ settings: Settings, _ directory: String) throws -> PasswordKeeper {
        let keys = try SecretFile.load(
            secretKeyFile, settings, orMakeAt: directory + "/secret.key", isOwnersOnly: true)
        do {
            return try PasswordKeeper(keys: keys)
        } catch {
            throw StartError("\(secretKeyFile.key): \(error)")
        }
    }

    private static func applyRetention(_ settings: Settings, to configuration: inout ExportConfiguration) {
        configuration.retention = settings[retention]
        configuration.recordRetention = settings[recordRetention]
        configuration.jobs.retention.succeeded = settings[jobRetention]
        configuration.jobs.retention.cancelled = settings[jobRetention]
        configuration.jobs.retention.failed = settings[failedJobRetention]
    }

    private static func applySources(_ settings: Settings, to configuration: inout ExportConfiguration) throws {
        if !settings[proxy].isEmpty {
            do {
                _ = try ProxyURL(parsing: settings[proxy])
            } catch {
                throw StartError("\(proxy.key): \(error)")
            }
            configuration.proxy = settings[proxy]
        }
        configuration.pagesPerSecondMax = settings[pagesPerSecondMax] == 0 ? nil : Double(settings[pagesPerSecondMax])
        let path = settings[credentialsFile]
        guard !path.isEmpty else { return }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError("\(credentialsFile.key): expected a readable file, found \"\(path)\"")
        }
        do {
            configuration.credentials = try SourceCredentials(parsing: Array(data))
        } catch {
            throw StartError("\(credentialsFile.key): \(error)")
        }
    }

    private static func applyCrawl(_ settings: Settings, to configuration: inout ExportConfiguration) {
        configuration.pageLimits.bodyBytesMax = settings[pageBytesMax]
        configuration.pageLimits.timeout = settings[pageTimeout]
        configuration.pageLimits.connectTimeout = settings[pageConnectTimeout]
        configuration.pageLimits.lowSpeedBytesPerSecond = settings[lowSpeedBytesPerSecond]
        configuration.pageLimits.lowSpeedDuration = settings[lowSpeedDuration]
        configuration.pageRetries.triesMax = settings[pageTriesMax]
        configuration.pageRetries.retryAfterMax = settings[retryAfterMax]
        configuration.crawlLimits.heldBytesMax = settings[heldBytesMax]
        configuration.crawlLimits.pagesMax = settings[pagesMax]
        configuration.crawlLimits.rowsMax = settings[rowsMax]
        configuration.crawlLimits.strictTotal = settings[strictTotal]
    }

    private static func applyFile(_ settings: Settings, to file: inout FileOptions) throws {
        file.rowsPerFile = settings[rowsPerFile]
        file.sheetPerPart = settings[sheetPerPart]
        file.partsAtOnceMax = settings[partsAtOnceMax]
        file.pendingBytesMax = settings[heldBytesMax] / 2
        file.diskBytesMax = settings[diskBytesMax]
        file.xlsxEngine = XLSXEngineKind(rawValue: settings[xlsxEngine]) ?? file.xlsxEngine
        file.xlsxCompression = XLSXCompression(rawValue: settings[xlsxCompression]) ?? file.xlsxCompression
        if !settings[styles].isEmpty {
            do {
                file.styles = try StyleTemplates(directory: settings[styles])
            } catch {
                throw SettingsError("\(styles.key): \(error)")
            }
        }
        file.csvByteOrderMark = settings[csvByteOrderMark]
        file.csvFormulaGuard = settings[csvFormulaGuard]
    }
}
