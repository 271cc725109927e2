import HTTPFetch
import JobQueue
import ScrapeService
import ServiceRuntime
import XAPI

/// The scraper: the API it calls, with what, and how often at a time.
enum ScrapeSettings {
    private static let defaults = ScrapeConfiguration(dataDirectory: "", secretKeys: "")

    static let xBaseURL = Setting(
        "scrape.xBaseURL",
        SettingForm(
            allowed: "http:// or https:// and a host",
            parse: { text in
                let isURL = ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count }
                return isURL && !text.hasSuffix("/") ? text : nil
            },
            print: { $0 }),
        default: defaults.api.baseURL, "The X API. No address is denied: it is the operator's word.")
    static let bearerToken = Setting(
        "scrape.bearerToken", .text, default: "", isSecret: true,
        "The application's bearer token, used by tasks without an account. Empty: such tasks fail.")
    static let dialect = Setting(
        "scrape.dialect", .oneOf(XDialect.allCases.map(\.rawValue)), default: defaults.api.dialect.rawValue,
        "The words the API is asked in first: tweet.fields or post.fields.")
    static let pageTriesMax = Setting(
        "scrape.pageTriesMax", .integer(1...100), default: defaults.api.triesMax,
        "Tries of one page, the first included.")
    static let pageTimeout = Setting(
        "scrape.pageTimeout", .duration(.seconds(1) ... .seconds(600)), default: defaults.api.limits.timeout,
        "How long one page may take.")
    static let executionsMax = Setting(
        "scrape.executionsMax", .integer(1...256), default: defaults.executionsMax,
        "Executions that work at the same time, over all replicas of a store; those that wait for the API do not count."
    )

    static let allowedProxies = Setting(
        "scrape.allowedProxies",
        .list(of: "host:port and CIDR entries", accepts: { (try? AllowedSource(parsing: $0)) != nil }),
        default: defaults.allowedProxies,
        "Local, private or reserved addresses that the proxies of tasks may have.")

    static let csvFormulaGuard = Setting(
        "scrape.csvFormulaGuard", .boolean, default: defaults.csvFormulaGuard,
        "Put an apostrophe before CSV text that a spreadsheet would run as a formula.")

    static let queryCharactersMax = Setting(
        "scrape.queryCharactersMax", .integer(64...100_000), default: defaults.queryCharactersMax,
        "Characters of a query with its language; X takes more than 512 from some applications.")
    static let indexCacheBytesMax = Setting(
        "scrape.indexCacheBytesMax", .bytes(0...(1 << 40)), default: defaults.indexCacheBytesMax,
        "Octets of the index of results that are kept in memory.")
    static let workbooksMax = Setting(
        "scrape.workbooksMax", .integer(1...256), default: defaults.workbooksMax,
        "Workbooks of results that are written at the same time; more are refused for the moment.")

    static let prices = Setting(
        "scrape.prices",
        SettingForm(
            allowed: "user, posts, search, followers, following with a price each, such as user=0.01,posts=0.005",
            parse: { CallPrices(parsing: $0) }, print: { $0.text }),
        default: defaults.prices, "What an item costs that the API brings, by endpoint, in units of scrape.currency.")
    static let currency = Setting(
        "scrape.currency", .text, default: defaults.currency, "The currency of prices and budgets; only shown.")
    static let maxCostPerDay = Setting(
        "scrape.maxCostPerDay",
        SettingForm(allowed: "an amount", parse: { Double($0).flatMap { Cost($0) } }, print: { $0.text }),
        default: .zero,
        "What all tasks together may spend in a day, in UTC, give or take a page of each that runs; then they wait for the next one. 0: any amount."
    )

    static let allowedCallbacks = Setting(
        "scrape.allowedCallbacks",
        .list(of: "host:port and CIDR entries", accepts: { (try? AllowedSource(parsing: $0)) != nil }), default: [],
        "Local, private or reserved addresses that receivers of callbacks may have.")

    static let executionRetention = Setting(
        "scrape.executionRetention", .duration(.seconds(3600) ... .seconds(3650 * 86_400)),
        default: defaults.executionRetention,
        "How long executions are kept that brought nothing; the last ones of each task stay, and those with results.")

    static let secretsKey = Setting(
        "scrape.secretsKey", .text, default: "", isSecret: true,
        "Seals the secrets of accounts and proxies; of several, one a line, the first seals and all open. Empty: a file."
    )
    static let secretsKeyFile = Setting(
        "scrape.secretsKeyFile", .text, default: "",
        "The file with that key, the same for all replicas. Empty: DATA/scrape/secrets.key, made on first start. Mode 600, or the scraper does not start."
    )

    static let all: [any AnySetting] = [
        xBaseURL, bearerToken, secretsKey, secretsKeyFile, dialect, pageTriesMax, pageTimeout, executionsMax,
        allowedProxies, csvFormulaGuard,
        queryCharactersMax, indexCacheBytesMax, workbooksMax, prices, currency, maxCostPerDay, allowedCallbacks,
        executionRetention,
    ]

    static func configuration(_ settings: Settings, directory: String) throws -> ScrapeConfiguration {
        let given = settings[secretsKey]
        let keys =
            try given.isEmpty
            ? SecretFile.load(secretsKeyFile, settings, orMakeAt: directory + "/secrets.key", isOwnersOnly: true)
            : given
        var configuration = ScrapeConfiguration(dataDirectory: directory, secretKeys: keys)
        configuration.api.baseURL = settings[xBaseURL]
        configuration.api.dialect = XDialect(rawValue: settings[dialect]) ?? configuration.api.dialect
        configuration.api.triesMax = settings[pageTriesMax]
        configuration.api.limits.timeout = settings[pageTimeout]
        configuration.bearerToken = settings[bearerToken]
        configuration.csvFormulaGuard = settings[csvFormulaGuard]
        configuration.queryCharactersMax = settings[queryCharactersMax]
        configuration.indexCacheBytesMax = settings[indexCacheBytesMax]
        configuration.workbooksMax = settings[workbooksMax]
        configuration.freeBytesMin = UInt64(settings[StoreSettings.freeBytesMin])
        configuration.allowedProxies = settings[allowedProxies]
        configuration.executionsMax = settings[executionsMax]
        configuration.executionRetention = settings[executionRetention]
        configuration.prices = settings[prices]
        configuration.currency = settings[currency]
        configuration.maxCostPerDay = settings[maxCostPerDay] > .zero ? settings[maxCostPerDay] : nil
        configuration.allowedCallbacks = settings[allowedCallbacks]
        OutboxSettings.apply(settings, to: &configuration.jobs)
        configuration.callbackSecrets = OutboxSettings.secrets(settings)
        configuration.jobs.workers = StoreSettings.workerTimes(settings)
        return configuration
    }
}
