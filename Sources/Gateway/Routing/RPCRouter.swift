package import Logging
package import NIOCore
package import RPC
internal import ServiceLifecycle

/// The gateway's RPC port: any method goes to its service by prefix, its parameters undecoded.
package final class RPCRouter: Service {
    private let server: RPCServer
    private let routes: RouterFallback

    /// `configuration` says where to listen; its fallback is set here. `serviceSecret` is shown to the services;
    /// `documents` are their OpenRPC documents, which `rpc.discover` answers as one.
    package init(
        services: [String: [HostPort]], serviceSecret: String? = nil, documents: [[UInt8]] = [],
        configuration: RPCServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) throws {
        routes = RouterFallback(services, secret: serviceSecret, group: group, logger: logger)
        var configuration = configuration
        configuration.role = "gateway"
        configuration.fallback = routes
        var methods = RPCMethods()
        methods.describe(openRPC: try OpenRPCDocument.merged(documents, version: configuration.version))
        server = RPCServer(methods: methods, configuration: configuration, group: group, logger: logger)
    }

    /// Listens; answers where.
    package func start() async throws -> SocketAddress {
        try await server.start()
    }

    /// Routes until the process stops; calls under way are finished.
    package func run() async throws {
        try await server.run()
        routes.close()
    }
}

/// Hands a call to the clients of its own loop, so that routing crosses no thread.
private final class RouterFallback: RPCFallback {
    private let loops: [(eventLoop: any EventLoop, services: NIOLoopBoundBox<LoopServices>)]

    init(_ services: [String: [HostPort]], secret: String?, group: any EventLoopGroup, logger: Logger) {
        loops = group.makeIterator().map { eventLoop in
            let made = LoopServices(services, secret: secret, eventLoop: eventLoop, logger: logger)
            return (eventLoop, .makeBoxSendingValue(made, eventLoop: eventLoop))
        }
    }

    func start(_ call: RPCServerCall) {
        guard let loop = loops.first(where: { $0.eventLoop === call.eventLoop }) else {
            return call.fail(RPCError(.internal, "the call came on a loop that routes nothing"))
        }
        RoutedCall(call).start(on: loop.services.value.service(of: call.method))
    }

    func close() {
        for loop in loops {
            loop.eventLoop.execute { loop.services.value.close() }
        }
    }
}
