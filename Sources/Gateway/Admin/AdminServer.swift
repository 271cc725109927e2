package import NIOCore
import ServiceLifecycle
package import Logging

/// The port people and machines look after the process through.
package final class AdminServer: Service {
    private let address: HostPort
    private let pages: AdminPages
    private let ports: HTTPPorts

    package init(address: HostPort, pages: AdminPages, group: any EventLoopGroup, logger: Logger) {
        self.address = address
        self.pages = pages
        var limits = HTTPLimits()
        limits.connectionsMax = 256
        ports = HTTPPorts(group: group, limits: limits, graceTimeout: .seconds(1), logger: logger)
    }

    /// Listens; answers where.
    package func start() async throws -> SocketAddress {
        let (pages, hosts) = (pages, HostRule(isLoopbackBind: address.isLoopback, publicURL: nil))
        return try await ports.open(address) { loop in
            AdminApplication(loop: loop, hosts: hosts, pages: pages)
        }
    }

    /// Stops at once, for those who do not use `run`.
    package func stop() async {
        await ports.close(grace: .zero)
    }

    /// Serves until the process stops.
    package func run() async throws {
        try await ports.run()
    }
}
