import DatabaseSQLite
import DemoService
import ExportService
import Gateway
import Glibc
import Logging
import NIOCore
import ProtocolDocuments
import RPC
import ServiceLifecycle
import ServiceRuntime

/// Starts the parts of a system, one function a part.
struct Parts {
    let settings: Settings
    let listeners: Listeners
    let dataDirectory: DataDirectory
    /// Proves to services that it is the gateway who calls.
    let secret: String
    let group: any EventLoopGroup
    let logger: Logger

    /// Methods for examples and load tests.
    func startDemo(_ building: inout Building) async throws {
        let server = try rpcServer("demo", documented: "127.0.0.1:7107", DemoService.methods())
        building.documents.append(ProtocolDocuments.demoMethods)
        building.endpoints.rpc["demo"] = try await bind("rpc.demo", "127.0.0.1:7107") { try await server.start() }
        building.services.append(server)
    }

    /// The export service on its store below the data directory.
    func startExport(_ building: inout Building) async throws {
        let directory = try dataDirectory.subdirectory("export")
        let database = try SQLiteDatabase(
            path: directory + "/store.sqlite", options: ExportSettings.storeOptions(settings), logger: logger)
        let service = try ExportService(
            configuration: ExportSettings.configuration(settings, directory: directory), database: database,
            logger: Logger(label: "export"))
        try await service.start()
        let server = try rpcServer("export", documented: "127.0.0.1:7101", service.methods())
        building.endpoints.rpc["export"] = try await bind("rpc.export", "127.0.0.1:7101") { try await server.start() }
        building.services += [service, server]
        building.readiness.append(("export", { service.isReady }))
        building.onFacade.append { facade, address in
            if facade == "export" { try service.allow(address) }
        }
    }

    /// Façades, router and admin port, in front of the services started here or configured elsewhere.
    func startGateway(_ facades: [CompiledFacade], _ building: inout Building) async throws {
        let services = try serviceAddresses(building)
        try await startFacades(facades, services, &building)
        var configuration = RPCServerConfiguration()
        let address = try listeners.address("rpc.gateway", documented: "127.0.0.1:7100")
        (configuration.host, configuration.port) = (address.host, address.port)
        (configuration.version, configuration.limits) = (Version.current, RPCSettings.limits(settings))
        let router = try RPCRouter(
            services: services, serviceSecret: secret, documents: building.documents, configuration: configuration,
            group: group, logger: Logger(label: "router"))
        building.endpoints.rpc["gateway"] = try await bind("rpc.gateway", "127.0.0.1:7100") { try await router.start() }
        building.services.append(router)
    }

    /// The admin port, which every process has.
    func finish(_ building: inout Building) async throws {
        let readiness = building.readiness
        let pages = AdminPages(
            metrics: { ProcessSettings.metrics.text() },
            notReady: { readiness.filter { !$0.isReady() }.map(\.name) })
        let admin = AdminServer(
            address: try listeners.address("admin", documented: "127.0.0.1:8088"), pages: pages, group: group,
            logger: Logger(label: "admin"))
        building.endpoints.admin = try await bind("admin", "127.0.0.1:8088") { try await admin.start() }
        building.services.append(admin)
    }

    private func startFacades(
        _ facades: [CompiledFacade], _ services: [String: [HostPort]], _ building: inout Building
    ) async throws {
        var configuration = GatewaySettings.configuration(settings)
        configuration.serviceSecret = secret
        for facade in facades {
            configuration.listen[facade.name] =
                try listeners.address(facade.name, documented: facade.listen).description
        }
        let gateway = GatewayServer(
            facades: facades, services: services, configuration: configuration, group: group,
            logger: Logger(label: "gateway"))
        let addresses = configuration.listen.values.sorted().joined(separator: ", ")
        let bound = try await StartError.translating("façades on \(addresses)") { try await gateway.start() }
        for (name, address) in bound {
            building.endpoints.facades[name] = address.hostPort
            for act in building.onFacade { try act(name, address.hostPort) }
        }
        building.services.append(gateway)
    }

    /// A service of this process is called where it was bound, another where the settings say.
    private func serviceAddresses(_ building: Building) throws -> [String: [HostPort]] {
        var addresses = [
            "export": settings[GatewaySettings.exportService].compactMap { HostPort($0) },
            "demo": settings[GatewaySettings.demoService].compactMap { HostPort($0) },
        ]
        for (name, address) in building.endpoints.rpc {
            addresses[name] = HostPort(address).map { [$0] }
        }
        return addresses
    }

    private func rpcServer(_ role: String, documented: String, _ methods: RPCMethods) throws -> RPCServer {
        let address = try listeners.address("rpc." + role, documented: documented)
        var configuration = RPCServerConfiguration(host: address.host, port: address.port)
        configuration.role = role
        configuration.version = Version.current
        configuration.limits = RPCSettings.limits(settings)
        configuration.gatewaySecret = secret
        return RPCServer(methods: methods, configuration: configuration, group: group, logger: Logger(label: role))
    }

    private func bind(
        _ name: String, _ documented: String, _ start: () async throws -> SocketAddress
    ) async throws -> String {
        let address = try listeners.address(name, documented: documented)
        return try await StartError.translating("\(name) on \(address)", start).hostPort
    }
}

extension StartError {
    /// Says which listener could not be bound; the system's own text says why.
    static func translating<Value>(_ name: String, _ start: () async throws -> Value) async throws -> Value {
        do {
            return try await start()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode)).lowercased()
            throw StartError("\(name) cannot listen: \(reason)")
        }
    }
}

extension SocketAddress {
    /// `127.0.0.1:8080`, `[::1]:8080`.
    var hostPort: String {
        HostPort(host: ipAddress ?? "127.0.0.1", port: port ?? 0).description
    }
}
