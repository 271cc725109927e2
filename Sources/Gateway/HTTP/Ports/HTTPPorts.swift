import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RPC
import ServiceLifecycle

/// Listening ports over the loops of one group, and the stop that lets their requests finish.
final class HTTPPorts: Service {
    /// Makes what a port serves, once for each loop and on it.
    typealias MakeApplication = @Sendable (GatewayLoop) -> any HTTPApplication

    let load: GatewayLoad
    private let group: any EventLoopGroup
    private let graceTimeout: TimeAmount
    private let logger: Logger
    private let loops: [NIOLoopBoundBox<GatewayLoop>]
    private let listeners = LockedList<any Channel>()

    init(
        group: any EventLoopGroup, limits: HTTPLimits, graceTimeout: TimeAmount, accessLog: AccessLog? = nil,
        logger: Logger
    ) {
        self.group = group
        self.graceTimeout = graceTimeout
        self.logger = logger
        let load = GatewayLoad(limits: limits)
        self.load = load
        loops = group.makeIterator().map { eventLoop in
            .makeBoxSendingValue(
                GatewayLoop(eventLoop: eventLoop, load: load, accessLog: accessLog, logger: logger),
                eventLoop: eventLoop)
        }
    }

    /// Serves until the process stops, then lets requests finish.
    func run() async throws {
        try? await gracefulShutdown()
        await close(grace: Task.isCancelled ? .zero : graceTimeout)
    }

    /// Listens on an address; `port` 0 takes a free one. Answers where it listens.
    func open(
        _ address: HostPort, tls: ServerTLS? = nil, _ makeApplication: @escaping MakeApplication
    ) async throws -> SocketAddress {
        let applications = try await applications(makeApplication)
        let limits = load.limits
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .findingDeadPeers()
            // A client that uploads does not keep the loop from the others for longer than one read.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let served = applications.first(where: { $0.eventLoop === channel.eventLoop }) else { return }
                    try Self.configure(channel, served.bound.value, limits, tls)
                }
            }
        let listener = try await bootstrap.bind(host: address.host, port: address.port).get()
        listeners.append(listener)
        guard let bound = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        logger.info("listening", metadata: ["address": "\(bound)"])
        return bound
    }

    /// Stops accepting, waits for what is under way at most `grace`, closes the rest.
    func close(grace: TimeAmount) async {
        for listener in listeners.takeAll() { try? await listener.close() }
        await withTaskGroup(of: Void.self) { tasks in
            for loop in loops {
                tasks.addTask { await loop.drain(grace: grace) }
            }
        }
    }

    private func applications(_ make: @escaping MakeApplication) async throws -> [Served] {
        var applications: [Served] = []
        for loop in loops {
            let served = loop.eventLoop.submit {
                let place = ServedPlace(loop: loop.value, application: make(loop.value))
                return Served(eventLoop: loop.eventLoop, bound: NIOLoopBound(place, eventLoop: loop.eventLoop))
            }
            applications.append(try await served.get())
        }
        return applications
    }

    private static func configure(
        _ channel: any Channel, _ place: ServedPlace, _ limits: HTTPLimits, _ tls: ServerTLS?
    ) throws {
        let load = place.loop.load
        try tls?.addHandlers(to: channel)
        guard load.takeConnection() else { return refuse(channel) }
        channel.closeFuture.whenComplete { _ in load.giveBackConnection() }
        var parserLimits = NIOHTTPDecoderLimitConfiguration()
        parserLimits.maxHeaderFieldSize = limits.headerBytesMax
        parserLimits.maxHeaderListSize = limits.headerBytesMax
        parserLimits.maxHeaderFieldCount = limits.headerFieldsMax
        let counter = OctetCounter()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(counter)
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: parserLimits)))
        try pipeline.addHandler(
            HTTPConnectionHandler(application: place.application, loop: place.loop, counter: counter))
    }

    /// Says why before it closes; nothing is read.
    private static func refuse(_ channel: any Channel) {
        let text =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// What one loop serves on one port.
private struct ServedPlace {
    let loop: GatewayLoop
    let application: any HTTPApplication
}

/// The same, as it may be carried between loops.
private struct Served: Sendable {
    let eventLoop: any EventLoop
    let bound: NIOLoopBound<ServedPlace>
}

extension NIOLoopBoundBox<GatewayLoop> {
    /// Lets the loop's connections finish; those that do not are closed when the grace is over.
    fileprivate func drain(grace: TimeAmount) async {
        let done = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { [self] in
            value.connections.drain(done)
            let end = eventLoop.assumeIsolated().scheduleTask(in: grace) { [self] in value.connections.closeAll() }
            done.futureResult.whenComplete { _ in end.cancel() }
        }
        try? await done.futureResult.get()
        eventLoop.execute { [self] in value.closeServices() }
    }
}
