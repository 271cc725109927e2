package import Logging
package import NIOCore
import ServiceLifecycle

/// The HTTP side of the gateway: every façade on its port, every operation a call to its service.
package final class GatewayServer: Service {
    private let facades: [CompiledFacade]
    private let services: ServiceDirectory
    private let methods: [String: MethodTraits]
    private let configuration: GatewayConfiguration
    private let ports: HTTPPorts

    /// `services` are those that the façades call.
    package init(
        facades: [CompiledFacade], services: ServiceDirectory, configuration: GatewayConfiguration = .init(),
        group: any EventLoopGroup, logger: Logger
    ) {
        self.facades = facades
        self.services = services
        methods = services.methods
        self.configuration = configuration
        ports = HTTPPorts(
            group: group, limits: configuration.limits, graceTimeout: configuration.graceTimeout,
            accessLog: configuration.accessLog, logger: logger)
    }

    /// Listens on every façade's port; answers where, by façade name.
    package func start() async throws -> [String: SocketAddress] {
        var bound: [String: SocketAddress] = [:]
        for facade in facades {
            do {
                bound[facade.name] = try await open(facade)
            } catch {
                await ports.close(grace: .zero)
                throw error
            }
        }
        return bound
    }

    /// Serves until the process stops, then lets requests finish.
    package func run() async throws {
        try await ports.run()
    }

    /// Stops at once, or when requests under way have finished within the grace; for those who do not use `run`.
    package func stop(grace: TimeAmount) async {
        await ports.close(grace: grace)
    }

    /// What is under way, for tests and metrics.
    package var load: (connections: Int, calls: Int, bytes: Int) {
        (ports.load.connectionCount, ports.load.callCount, ports.load.byteCount)
    }

    private func open(_ facade: CompiledFacade) async throws -> SocketAddress {
        let text = configuration.listen[facade.name] ?? facade.listen
        guard let address = HostPort(text) else { throw GatewayError.badAddress(facade: facade.name, address: text) }
        let hosts = HostRule(
            isLoopbackBind: address.isLoopback, publicURL: configuration.publicURL, hasTLS: configuration.tls != nil)
        let settings = FacadeSettings(
            configuration: configuration, options: configuration.facades[facade.name] ?? FacadeOptions(), hosts: hosts,
            callers: FacadeGuard(configuration.facades[facade.name]?.callers ?? .init(), facade: facade.name))
        let (services, methods) = (services, methods)
        do {
            return try await ports.open(address, tls: configuration.tls) { loop in
                let services = loop.services(services, methods: methods)
                return FacadeApplication(facade, loop: loop, services: services, settings: settings)
            }
        } catch {
            throw GatewayError.cannotListen(facade: facade.name, address: address, reason: "\(error)")
        }
    }
}

/// Why the gateway does not start.
package enum GatewayError: Error, CustomStringConvertible {
    case badAddress(facade: String, address: String)
    case cannotListen(facade: String, address: HostPort, reason: String)

    package var description: String {
        switch self {
        case .badAddress(let facade, let address):
            "the façade '\(facade)' should listen on host:port, found '\(address)'"
        case .cannotListen(let facade, let address, let reason):
            "the façade '\(facade)' cannot listen on \(address): \(reason)"
        }
    }
}
