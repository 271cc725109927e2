import DemoService
import ExportService
import Gateway
import Glibc
import Logging
import NIOCore
import ProtocolDocuments
import RPC
import ScrapeService
import ServiceLifecycle
import ServiceRuntime

/// Starts the parts of a system, one function a part.
struct Parts {
    let settings: Settings
    let listeners: Listeners
    let dataDirectory: DataDirectory
    let security: Security
    let group: any EventLoopGroup
    let logger: Logger

    /// Methods for examples and load tests.
    func startDemo(_ building: inout Building) async throws {
        building.documents.append(ProtocolDocuments.demoMethods)
        try await serve("demo", DemoService.methods(), &building)
    }

    /// The export service on its store: below the data directory, or on a server.
    func startExport(_ building: inout Building) async throws {
        let directory = try dataDirectory.subdirectory("export")
        let database = try StoreSettings.open(settings, path: directory + "/store.sqlite", logger: logger)
        let configuration = try ExportSettings.configuration(settings, directory: directory)
        let artifacts = try ArtifactSettings.store(
            settings, directory: configuration.artifactDirectory, dataDirectory: directory)
        let service = try ExportService(
            configuration: configuration, database: database, artifacts: artifacts, logger: Logger(label: "export"))
        try await service.start()
        building.services.append(service)
        building.stores.append(database)
        try await serve("export", service.methods(), &building) { service.isReady }
        building.readiness.append(("export", { service.isReady }))
        building.onFacade.append { facade, address in
            if facade == "export" { try service.allow(address) }
        }
    }

    /// The scraper on its store.
    func startScrape(_ building: inout Building) async throws {
        let directory = try dataDirectory.subdirectory("scrape")
        let database = try StoreSettings.open(
            settings, path: directory + "/store.sqlite", schema: ServiceStore.scrape.schema, logger: logger)
        let service = try ScrapeService(
            configuration: try ScrapeSettings.configuration(settings, directory: directory), database: database,
            logger: Logger(label: "scrape"))
        try await service.start()
        building.services.append(service)
        building.stores.append(database)
        try await serve("scrape", service.methods(), &building) { service.isReady }
        building.readiness.append(("scrape", { service.isReady }))
    }

    /// Façades, router and admin port, in front of the services started here or configured elsewhere.
    func startGateway(_ facades: [CompiledFacade], _ building: inout Building) async throws {
        let services = try directory(of: building)
        ServiceAddresses.warn(of: facades, without: services.addresses, logger)
        building.unavailableServices = { services.status.unavailable }
        try await startFacades(facades, services, &building)
        let address = try listeners.address(
            "rpc.gateway", documented: DocumentedAddresses.gateway, security.rpcProtection)
        var configuration = RPCServerConfiguration(host: address.host, port: address.port)
        configuration.version = Version.current
        RPCSettings.bound(&configuration, settings)
        security.protect(&configuration)
        let router = try RPCRouter(
            services: services, configuration: configuration, group: group, logger: Logger(label: "router"))
        building.endpoints.rpc["gateway"] = try await bind("rpc.gateway", address) { try await router.start() }
        if security.rpcTLS != nil { building.endpoints.tls.append("rpc.gateway") }
        building.services.append(router)
    }

    /// The admin port, which every process has.
    func finish(_ building: inout Building) async throws {
        let (readiness, unavailableServices) = (building.readiness, building.unavailableServices)
        let pages = AdminPages(
            metrics: { ProcessSettings.metrics.text() },
            notReady: { readiness.filter { !$0.isReady() }.map(\.name) }, unavailableServices: unavailableServices)
        let address = try listeners.address(ListenerNames.admin, documented: DocumentedAddresses.admin, .none)
        let admin = AdminServer(address: address, pages: pages, group: group, logger: Logger(label: "admin"))
        building.endpoints.admin = try await bind("admin", address) { try await admin.start() }
        building.services.append(admin)
    }

    private func startFacades(
        _ facades: [CompiledFacade], _ services: ServiceDirectory, _ building: inout Building
    ) async throws {
        var configuration = GatewaySettings.configuration(settings)
        configuration.tls = security.gatewayTLS
        configuration.accessLog = try AccessLog.open(settings)
        let callers = try await FacadeCallers.load(facades.map(\.name), settings)
        building.reloads += callers.reloads
        for facade in facades {
            let protection = security.protection(of: facade, callers.options[facade.name])
            configuration.listen[facade.name] =
                try listeners.address(facade.name, documented: facade.listen, protection).description
            configuration.facades[facade.name] = FacadeFamilies.options(of: facade.name, settings)
            configuration.facades[facade.name]?.callers = callers.options[facade.name] ?? .init()
        }
        let gateway = GatewayServer(
            facades: facades, services: services, configuration: configuration, group: group,
            logger: Logger(label: "gateway"))
        let addresses = configuration.listen.values.sorted().joined(separator: ", ")
        let bound = try await StartError.translating("façades on \(addresses)") { try await gateway.start() }
        for (name, address) in bound {
            building.endpoints.facades[name] = address.hostPort
            if security.gatewayTLS != nil { building.endpoints.tls.append(name) }
            if callers.options[name]?.knowsCallers == true { building.endpoints.guarded.append(name) }
            for act in building.onFacade { try act(name, address.hostPort) }
        }
        building.services.append(gateway)
    }

    /// Our own services believe the gateway by its credentials; a stranger's is never shown them.
    private func directory(of building: Building) throws -> ServiceDirectory {
        let addresses = try ServiceAddresses.all(settings, bound: building.endpoints.rpc)
        var directory = ServiceDirectory(
            addresses,
            credentials: security.credentials(
                for: Array(addresses.keys), inThisProcess: Set(building.endpoints.rpc.keys)),
            documents: building.documents)
        directory.otherDocuments = [ProtocolDocuments.demoMethods]
        directory.retries = RPCSettings.retries(settings)
        directory.replicas.checkInterval = settings[RPCSettings.healthInterval]
        return directory
    }

    /// Binds a service of this process to its RPC port, where it says whether it `isHealthy`: a gateway asks.
    private func serve(
        _ role: String, _ methods: RPCMethods, _ building: inout Building,
        isHealthy: @escaping @Sendable () -> Bool = { true }
    ) async throws {
        let address = try listeners.address(
            "rpc." + role, documented: DocumentedAddresses.services[role, default: "127.0.0.1:0"],
            security.rpcProtection)
        var configuration = RPCServerConfiguration(host: address.host, port: address.port)
        configuration.role = role
        configuration.version = Version.current
        configuration.isHealthy = isHealthy
        RPCSettings.bound(&configuration, settings)
        security.protectService(&configuration)
        let server = RPCServer(
            methods: methods, configuration: configuration, group: group, logger: Logger(label: role))
        building.endpoints.rpc[role] = try await bind("rpc." + role, address) { try await server.start() }
        if security.rpcTLS != nil { building.endpoints.tls.append("rpc." + role) }
        building.services.append(server)
    }

    private func bind(
        _ name: String, _ address: HostPort, _ start: () async throws -> SocketAddress
    ) async throws -> String {
        try await StartError.translating("\(name) on \(address)", start).hostPort
    }
}

extension StartError {
    /// Says which listener could not be bound; the system's own text says why.
    static func translating<Value>(_ name: String, _ start: () async throws -> Value) async throws -> Value {
        do {
            return try await start()
        } catch let error as IOError {
            throw StartError("\(name) cannot listen: \(text(of: error))")
        }
    }

    /// The system's own words.
    static func text(of error: IOError) -> String { String(cString: strerror(error.errnoCode)).lowercased() }
}

extension SocketAddress {
    /// `127.0.0.1:8080`, `[::1]:8080`.
    var hostPort: String {
        HostPort(host: ipAddress ?? "127.0.0.1", port: port ?? 0).description
    }
}
