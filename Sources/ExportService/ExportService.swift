package import Artifacts
import Callbacks
package import Database
import HTTPFetch
import Idempotency
import JobAdmin
import JobQueue
package import Logging
import ProtocolDocuments
package import RPC
import ServiceLifecycle

/// The export service: crawls paginated sources, writes Excel or CSV, keeps the zips and calls back.
///
/// Made once per store. `start` before it is reported ready, `run` as long as the process lives, `methods` for whatever
/// serves them.
package final class ExportService: Service {
    private let configuration: ExportConfiguration
    private let database: any Database
    private let addresses: AllowedAddresses
    private let artifacts: any ArtifactStore
    private let octetsRead = OctetCount()
    private let diskUse = DiskUse()
    private let rows: RowsKeeper
    private let journals: JournalKeeper
    private let callbackFetcher: CurlFetcher
    private let queue: JobQueue
    private let rules: ExportRules
    private let keyed: KeyedCalls
    private let logger: Logger

    /// Throws when `allowedSources` or the callbacks' secret cannot be read.
    package init(
        configuration: ExportConfiguration, database: any Database, artifacts: any ArtifactStore, logger: Logger
    ) throws {
        let addresses = try AllowedAddresses(configuration.allowedSources)
        let view = ExportView(
            publicURL: configuration.publicURL, links: configuration.links,
            storeLinks: StoreLinks(artifacts: artifacts, duration: configuration.linkDuration),
            ownAddress: { addresses.firstOwn })
        let fetcher = try CurlFetcher(options: configuration.transport)
        let callbacks = ExportCallbacks(view: view, isSigned: !configuration.callbackSecrets.isEmpty)
        let delivery = HTTPDelivery(
            http: fetcher, policy: { addresses.policy }, seconds: { WallClock.seconds() })
        let rows = RowsKeeper(directory: configuration.rowsDirectory, workDirectory: configuration.workDirectory)
        let journals = JournalKeeper(directory: configuration.journalDirectory)
        let job = ExportJob(
            configuration: configuration, database: database, artifacts: artifacts, rows: rows, journals: journals,
            diskUse: diskUse, callbacks: callbacks,
            policy: { addresses.policy }, logger: logger)
        let queue = JobQueue(
            database: database, handlers: [job], configuration: try Self.queueSettings(configuration),
            deliver: { await delivery.attempt($0) }, logger: logger)
        callbacks.send(through: queue)
        self.configuration = configuration
        self.database = database
        self.addresses = addresses
        self.artifacts = artifacts
        self.rows = rows
        self.journals = journals
        self.queue = queue
        keyed = KeyedCalls(database: database, now: { WallClock.milliseconds() })
        self.logger = logger
        callbackFetcher = fetcher
        rules = ExportRules(
            configuration: configuration, database: database, queue: queue, callbacks: callbacks, artifacts: artifacts,
            rows: rows, view: view, now: { WallClock.milliseconds() })
    }

    /// Lets sources, callbacks and links use an address of our own: the façade's, once it is bound.
    ///
    /// - Parameter address: `host:port`.
    package func allow(_ address: String) throws { try addresses.allow(address) }

    /// Octets read from finished files since the start.
    package var artifactBytesRead: Int { octetsRead.value }

    /// Octets that journals and files of exports under way take on the disk.
    package var diskBytes: Int { diskUse.total }

    /// Whether jobs are being run.
    package var isReady: Bool { queue.isReady }

    /// Brings the store up to date, removes what a dead process left half-written, and decides over its jobs.
    package func start() async throws {
        // All at once, the queue's with them: a store that a newer program has written stays as it is.
        try await database.migrate(ExportSchema.storeMigrations)
        if let passwords = configuration.passwords {
            try await PasswordReseal(passwords: passwords, database: database).run()
        }
        FileTree.remove(configuration.workDirectory)
        try FileTree.makeDirectory(configuration.workDirectory)
        try await prepareArtifacts()
        try await queue.start()
        try await journals.sweep(queue, database)
    }

    private func prepareArtifacts() async throws(ArtifactError) {
        do throws(ArtifactError) {
            try await artifacts.prepare()
        } catch {
            guard error.kind == .unavailable else { throw error }
            // It may be back before the first file is finished.
            logger.warning("the store of files cannot be reached", metadata: ["error": "\(error)"])
        }
    }

    /// Runs jobs, delivers callbacks and removes expired files until graceful shutdown.
    package func run() async throws {
        let retention = RetentionLoop(
            database: database, artifacts: artifacts, rows: rows, keyed: keyed, configuration: configuration,
            sweepJournals: { [journals, queue, database] in try await journals.sweep(queue, database) },
            now: { WallClock.milliseconds() }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.queue.run() }
            group.addTask { try await retention.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
        await callbackFetcher.shutdown()
    }

    /// What an RPC server offers on behalf of this service.
    package func methods() -> RPCMethods {
        var methods = RPCMethods()
        var requests = RequestRules(freshnessSeconds: configuration.timestampWindowSeconds)
        requests.refusesIdleShape = true
        requests.credentials = configuration.credentials
        requests.takesPasswords = configuration.passwords != nil
        SubmitMethods(rules: rules, keyed: keyed, requests: requests, passwords: configuration.passwords).register(
            in: &methods)
        RecordMethods(rules: rules, keyed: keyed).register(in: &methods)
        EventMethod(rules: rules).register(in: &methods)
        ArtifactMethod(rules: rules, artifacts: artifacts, octetsRead: octetsRead, logger: logger).register(
            in: &methods)
        DeliveryMethods(
            service: "export", database: database, queue: queue, timeText: { WallClock.text(milliseconds: $0) },
            fault: { ServiceFaults.rpcError($0) }
        ).register(in: &methods)
        DemoMethod().register(in: &methods)
        JobAdmin(service: "export", queue: queue, database: database).register(in: &methods)
        methods.describe(openRPC: ProtocolDocuments.exportMethods)
        return methods
    }

    private static func queueSettings(_ configuration: ExportConfiguration) throws -> JobQueueConfiguration {
        var settings = configuration.jobs
        settings.queues = [QueueOptions(name: ExportJob.name, concurrencyMax: configuration.exportsMax)]
        if !configuration.callbackSecrets.isEmpty {
            settings.outbox.secrets[ExportCallbacks.secretName] = try configuration.callbackSecrets.map { text in
                guard let secret = WebhookSecret(text: text) else { throw ExportConfigurationError.secret }
                return secret
            }
        }
        return settings
    }
}

/// A setting of the export service that cannot be used.
package enum ExportConfigurationError: Error, CustomStringConvertible {
    case secret

    package var description: String {
        "expected the callbacks' secret in base64, with or without whsec_ in front"
    }
}
