package import Logging
package import NIOCore
package import RPC
import ServiceLifecycle

/// The gateway's RPC port: any method goes to its service by prefix, its parameters undecoded.
package final class RPCRouter: Service {
    /// How long a call may stay whose caller set no limit. The limits that count are the services' own; this one is
    /// above the longest of them, a week, and only keeps a call from staying for ever.
    package static let callDurationMax = Duration.seconds(8 * 86_400)

    private let server: RPCServer
    private let routes: RouterFallback

    /// `configuration` says where to listen; its fallback is set here. The services' documents are what
    /// `rpc.discover` answers, as one.
    package init(
        services: ServiceDirectory, configuration: RPCServerConfiguration, group: any EventLoopGroup, logger: Logger
    ) throws {
        routes = RouterFallback(services, group: group, logger: logger)
        var configuration = configuration
        configuration.role = "gateway"
        configuration.fallback = routes
        var methods = RPCMethods()
        methods.describe(openRPC: try OpenRPCDocument.merged(services.documents, version: configuration.version))
        server = RPCServer(methods: methods, configuration: configuration, group: group, logger: logger)
    }

    /// Listens; answers where.
    package func start() async throws -> SocketAddress {
        let address = try await server.start()
        routes.watch()
        return address
    }

    /// Routes until the process stops; calls under way are finished.
    package func run() async throws {
        try await server.run()
        routes.close()
    }
}

/// Hands a call to the clients of its own loop, so that routing crosses no thread.
final class RouterFallback: RPCFallback {
    private let loops: [(eventLoop: any EventLoop, services: NIOLoopBoundBox<LoopServices>)]
    /// What the calls of a service are counted under, by its name.
    private let groupNames: [String: String]
    private let methods: [String: MethodTraits]

    var timeout: Duration { RPCRouter.callDurationMax }
    var groups: [String] { Array(groupNames.values) }
    /// A method of a service that is not configured is one that nobody has.
    var servesUngrouped: Bool { false }

    func group(of method: String) -> String? { groupNames[ServiceName.of(method: method)] }

    /// As the service would end it when it stops, so does a router that stops: its caller asks another one.
    func isLong(_ method: String) -> Bool { methods[method]?.isLong ?? false }

    init(_ directory: ServiceDirectory, group: any EventLoopGroup, logger: Logger) {
        groupNames = Dictionary(uniqueKeysWithValues: directory.addresses.keys.map { ($0, "\($0).*") })
        let methods = directory.methods
        self.methods = methods
        loops = group.makeIterator().map { eventLoop in
            let made = LoopServices(directory, methods: methods, eventLoop: eventLoop, logger: logger)
            return (eventLoop, .makeBoxSendingValue(made, eventLoop: eventLoop))
        }
    }

    func start(_ call: RPCServerCall) {
        guard let loop = loops.first(where: { $0.eventLoop === call.eventLoop }) else {
            return call.fail(RPCError(.internal, "the call came on a loop that routes nothing"))
        }
        let services = loop.services.value
        RoutedCall(call).start(on: services.service(of: call.method), services.traits(of: call.method))
    }

    /// Begins to ask the services for their health.
    func watch() {
        for loop in loops {
            loop.eventLoop.execute { loop.services.value.watch() }
        }
    }

    func close() {
        for loop in loops {
            loop.eventLoop.execute { loop.services.value.close() }
        }
    }
}
