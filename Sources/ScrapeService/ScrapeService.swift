import Artifacts
import Callbacks
package import Database
import HTTPFetch
import Idempotency
import JobAdmin
import JobQueue
package import Logging
import ProtocolDocuments
package import RPC
import Secrets
import ServiceLifecycle
import XAPI

/// The scraper: fetches posts and users from the X API for tasks, page by page, and keeps what it fetched.
///
/// Made once per store. `start` before it is reported ready, `run` as long as the process lives, `methods` for whatever
/// serves them.
package final class ScrapeService: Service {
    private let configuration: ScrapeConfiguration
    private let database: any Database
    private let fetcher: CurlFetcher
    private let queue: JobQueue
    private let rules: ScrapeRules
    private let sealer: SecretSealer
    private let proxyPolicy: AddressPolicy
    private let rates = ProxyRates()
    private let keyed: KeyedCalls
    private let logger: Logger

    /// Throws when there is no key for secrets.
    package init(configuration: ScrapeConfiguration, database: any Database, logger: Logger) throws {
        var options = CurlFetcherOptions()
        options.connectionsPerHostMax = configuration.connectionsMax ?? configuration.executionsMax
        let fetcher = try CurlFetcher(options: options)
        let sealer = try SecretSealer(keys: configuration.secretKeys, for: .scraping)
        proxyPolicy = try AddressPolicy(parsing: configuration.allowedProxies, setting: "scrape.allowedProxies")
        self.sealer = sealer
        let tools = CrawlTools(
            configuration: configuration, database: database,
            api: XAPIClient(configuration: configuration.api, http: fetcher, proxyPolicy: proxyPolicy),
            windows: RateWindows())
        let reference = QueueReference()
        let notices = TaskNotices(
            queue: reference, database: database, sealer: sealer,
            serviceSecrets: configuration.callbackSecrets.compactMap { WebhookSecret(text: $0) },
            currency: configuration.currency)
        let job = ScrapeJob(
            tools: tools,
            credentials: Credentials(
                bearerToken: configuration.bearerToken, database: database, sealer: sealer, rates: rates),
            notices: notices, logger: logger)
        var settings = configuration.jobs
        settings.queues = [
            QueueOptions(name: ScrapeJob.name, concurrencyMax: configuration.executionsMax),
            QueueOptions(name: StartJob.name, concurrencyMax: 4),
        ]
        settings.outbox.findSecrets = { try await notices.secrets(named: $0) }
        let policy = try AddressPolicy(parsing: configuration.allowedCallbacks, setting: "scrape.allowedCallbacks")
        let delivery = HTTPDelivery(
            http: fetcher, policy: { policy }, seconds: { Int(JobClock.system.now().milliseconds / 1_000) })
        let queue = JobQueue(
            database: database, handlers: [job, StartJob(queue: reference, now: configuration.now)],
            configuration: settings, deliver: { await delivery.attempt($0) }, clock: configuration.clock,
            logger: logger)
        reference.set(queue)
        self.configuration = configuration
        self.database = database
        self.fetcher = fetcher
        self.queue = queue
        self.logger = logger
        keyed = KeyedCalls(database: database, now: configuration.now)
        rules = ScrapeRules(database: database, queue: queue, configuration: configuration)
    }

    /// Everything that the store of this service is made of.
    package static let storeMigrations =
        ScrapeSchema.migrations + IdempotencySchema.migrations + JobSchema.migrations

    /// Whether executions are being run.
    package var isReady: Bool { queue.isReady }

    /// Brings the store up to date and decides over the executions of a process that died.
    package func start() async throws {
        // All at once, the queue's with them: a store that a newer program has written stays as it is.
        try await database.migrate(Self.storeMigrations)
        let sealer = sealer
        try await database.write { transaction in
            try SecretStore(transaction, sealer).reseal()
            try WebhookStore(transaction, sealer).reseal()
        }
        FileTree.remove(configuration.workDirectory)
        try FileTree.makeDirectory(configuration.workDirectory)
        try await queue.start()
    }

    /// Runs executions and removes what was deleted until graceful shutdown.
    package func run() async throws {
        let removed = RemovedResults(
            database: database, keyed: keyed, rowsMax: configuration.sweepRowsMax, logger: logger)
        let executions = ExecutionRetention(database: database, configuration: configuration, logger: logger)
        let index = IndexFollower(database: database, rowsMin: configuration.unindexedMax, logger: logger)
        let budgets = BudgetWatch(
            database: database, queue: queue, serviceMaxPerDay: configuration.maxCostPerDay, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            group.addTask { try await removed.run() }
            group.addTask { try await executions.run() }
            group.addTask { try await index.run() }
            group.addTask { try await budgets.run() }
            group.addTask { try await self.rates.run(self.database, self.sealer, self.logger) }
            defer { group.cancelAll() }
            try await group.next()
        }
        await fetcher.shutdown()
    }

    /// What an RPC server offers on behalf of this service.
    package func methods() -> RPCMethods {
        var methods = RPCMethods()
        TaskMethods(rules: rules, keyed: keyed).register(in: &methods)
        let search = ResultSearch(database: database, cache: PartCache(octetsMax: configuration.indexCacheBytesMax))
        ResultMethods(rules: rules, search: search).register(in: &methods)
        ExportMethod(rules: rules, configuration: configuration).register(in: &methods)
        ExecutionMethods(rules: rules).register(in: &methods)
        for kind in SecretKind.allCases {
            SecretMethods(
                kind: kind, database: database, sealer: sealer, rates: rates, http: fetcher, proxyPolicy: proxyPolicy,
                target: configuration.api.baseURL, now: configuration.now
            ).register(in: &methods)
        }
        TaskEventMethod(rules: rules).register(in: &methods)
        ScheduleMethods(database: database, queue: queue).register(in: &methods)
        AnalyticsMethods(database: database, configuration: configuration).register(in: &methods)
        let log = DeliveryMethods(
            service: "scrape", database: database, queue: queue, timeText: { UTCTime.text($0) },
            fault: { ScrapeFaults.rpcError($0) })
        log.register(in: &methods)
        WebhookMethods(database: database, sealer: sealer, log: log, now: configuration.now).register(in: &methods)
        JobAdmin(service: "scrape", queue: queue, database: database).register(in: &methods)
        methods.describe(openRPC: ProtocolDocuments.scrapeMethods)
        return methods
    }
}
