import Database
import Gateway
import Logging
import NIOCore
import NIOPosix
import ProtocolDocuments
import RPC
import ServiceLifecycle
import ServiceRuntime

/// The composition root: which parts a process has, and how they know of each other.
///
/// Services come first and say where they listen, then the gateway that calls them; they stop the other way round.
struct System: Sendable {
    let endpoints: Endpoints
    private let dataDirectory: DataDirectory
    private let services: [any Service]
    private let closeStores: @Sendable () async -> Void
    private let logger: Logger

    /// Starts everything the roles ask for; when it returns, all listeners are bound and jobs were rescued.
    static func start(
        roles: Set<Role>, settings: Settings, listeners: Listeners, dataDirectory: DataDirectory
    ) async throws -> System {
        let logger = Logger(label: "pailou")
        let facades = roles.contains(.gateway) ? try FacadeFile.all(settings) : []
        try listeners.refuseUnknownNames(known: ListenerNames.all(facades: facades))
        if roles.contains(.gateway) {
            try settings.refuseNames(of: FacadeFamilies.all, besides: facades.map(\.name), what: "façade")
        }
        RPCSettings.apply(settings)
        let security = try await Security.load(settings, in: dataDirectory)
        let group = MultiThreadedEventLoopGroup.singleton
        let parts = Parts(
            settings: settings, listeners: listeners, dataDirectory: dataDirectory, security: security, group: group,
            logger: logger)
        var building = Building()
        if roles.contains(.demo) { try await parts.startDemo(&building) }
        if roles.contains(.export) { try await parts.startExport(&building) }
        if roles.contains(.scrape) { try await parts.startScrape(&building) }
        if roles.contains(.gateway) { try await parts.startGateway(facades, &building) }
        try await parts.finish(&building)
        let reloads = security.reloads + building.reloads
        if !reloads.isEmpty {
            let interval = settings[SecuritySettings.reloadInterval]
            building.services.append(FileReloader(reloads, every: interval, logger: logger))
        }
        return System(
            endpoints: building.endpoints, dataDirectory: dataDirectory, services: building.services,
            closeStores: { [stores = building.stores] in for store in stores { await store.close() } }, logger: logger)
    }

    /// Serves until a signal or the end of the calling task; `endpoints.json` is there meanwhile. The stores are closed
    /// last, whatever ended the services: nothing is left to be recovered at the next start.
    func runUntilStopped(onReady: () -> Void = {}) async throws {
        defer { Endpoints.remove(in: dataDirectory.path) }
        do {
            try await ServiceProcess(services: services, logger: logger).run {
                try endpoints.write(in: dataDirectory.path)
                onReady()
            }
        } catch {
            await closeStores()
            throw error
        }
        await closeStores()
    }
}

/// What has been started so far.
struct Building {
    var endpoints = Endpoints()
    /// In the order of their start.
    var services: [any Service] = []
    var stores: [any Database] = []
    /// Files that are read again when they change.
    var reloads: [FileReloader.Item] = []
    /// OpenRPC documents of what is served; those of our services are known wherever they run.
    var documents = [ProtocolDocuments.exportMethods, ProtocolDocuments.scrapeMethods]
    /// Asked by `/readyz`: the names of what is not ready.
    var readiness: [(name: String, isReady: @Sendable () -> Bool)] = []
    /// Asked by `/readyz`: services without a replica that serves, as the gateway sees them.
    var unavailableServices: @Sendable () -> [String] = { [] }
    /// Called with the bound address of each façade.
    var onFacade: [@Sendable (_ facade: String, _ address: String) throws -> Void] = []
}

/// The names that `--listen` takes.
enum ListenerNames {
    static let admin = "admin"

    static func all(facades: [CompiledFacade]) -> [String] {
        [admin, "rpc.gateway", "rpc.export", "rpc.scrape", "rpc.demo", "export", "scrape"] + facades.map(\.name)
    }
}
