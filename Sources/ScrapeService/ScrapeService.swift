import Artifacts
package import Database
import HTTPFetch
import Idempotency
import JobAdmin
import JobQueue
package import Logging
import ProtocolDocuments
package import RPC
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
    private let keyed: KeyedCalls
    private let logger: Logger

    /// Throws when there is no key for secrets.
    package init(configuration: ScrapeConfiguration, database: any Database, logger: Logger) throws {
        var options = CurlFetcherOptions()
        options.connectionsPerHostMax = configuration.connectionsMax ?? configuration.executionsMax
        let fetcher = try CurlFetcher(options: options)
        let sealer = try SecretSealer(keys: configuration.secretKeys)
        proxyPolicy = try AddressPolicy(parsing: configuration.allowedProxies, setting: "scrape.allowedProxies")
        self.sealer = sealer
        let job = ScrapeJob(
            configuration: configuration, database: database,
            credentials: Credentials(
                bearerToken: configuration.bearerToken, database: database, sealer: sealer),
            api: XAPIClient(configuration: configuration.api, http: fetcher, proxyPolicy: proxyPolicy),
            windows: RateWindows(), logger: logger)
        var settings = configuration.jobs
        settings.queues = [QueueOptions(name: ScrapeJob.name, concurrencyMax: configuration.executionsMax)]
        let queue = JobQueue(
            database: database, handlers: [job], configuration: settings,
            deliver: { _ in .failed(reason: "the scraper has no callbacks") }, logger: logger)
        self.configuration = configuration
        self.database = database
        self.fetcher = fetcher
        self.queue = queue
        self.logger = logger
        keyed = KeyedCalls(database: database, now: { UTCTime.now() })
        rules = ScrapeRules(database: database, queue: queue)
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
        try await database.write { try SecretStore($0, sealer).reseal() }
        FileTree.remove(configuration.workDirectory)
        try FileTree.makeDirectory(configuration.workDirectory)
        try await queue.start()
    }

    /// Runs executions and removes what was deleted until graceful shutdown.
    package func run() async throws {
        let removed = RemovedResults(
            database: database, keyed: keyed, rowsMax: configuration.sweepRowsMax, logger: logger)
        let index = IndexFollower(database: database, rowsMin: configuration.unindexedMax, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            group.addTask { try await removed.run() }
            group.addTask { try await index.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
        await fetcher.shutdown()
    }

    /// What an RPC server offers on behalf of this service.
    package func methods() -> RPCMethods {
        var methods = RPCMethods()
        TaskMethods(rules: rules, keyed: keyed).register(in: &methods)
        let search = ResultSearch(database: database, cache: PartCache(octetsMax: configuration.indexCacheOctetsMax))
        ResultMethods(rules: rules, search: search).register(in: &methods)
        ExportMethod(rules: rules, configuration: configuration).register(in: &methods)
        ExecutionMethods(rules: rules).register(in: &methods)
        for kind in SecretKind.allCases {
            SecretMethods(
                kind: kind, database: database, sealer: sealer, http: fetcher, proxyPolicy: proxyPolicy,
                target: configuration.api.baseURL
            ).register(in: &methods)
        }
        TaskEventMethod(rules: rules).register(in: &methods)
        JobAdmin(service: "scrape", queue: queue, database: database).register(in: &methods)
        methods.describe(openRPC: ProtocolDocuments.scrapeMethods)
        return methods
    }
}
