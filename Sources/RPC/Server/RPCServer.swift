public import Logging
public import NIOCore
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// Serves methods on a port: length-prefixed JSON-RPC 2.0 over TCP.
public final class RPCServer: Service {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: ServerConnection] = [:]
        var isStopping = false
        /// Resumed when the last connection is gone.
        var emptied: CheckedContinuation<Void, Never>?
    }

    /// Calls that run, on whatever connection they came.
    package var callsInFlight: Int { shared.served.stats.reduce(0) { $0 + $1.running } }

    private let shared: ServerShared
    private let group: any EventLoopGroup
    private let state = Mutex(State())
    private let workers = Mutex<[ObjectIdentifier: (loop: any EventLoop, workers: HandlerWorkers)]>([:])

    /// A server that does not listen yet.
    public init(
        methods: RPCMethods, configuration: RPCServerConfiguration = .init(), group: any EventLoopGroup,
        logger: Logger
    ) {
        shared = ServerShared(methods: methods, configuration: configuration, logger: logger)
        self.group = group
    }

    /// Where it listens; nil before `start`.
    public var address: SocketAddress? { state.withLock { $0.listener?.localAddress } }

    /// How many connections are open.
    public var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Begins to listen and says where, which matters for port 0. Once; `run` does it if nobody did.
    @discardableResult
    public func start() async throws -> SocketAddress {
        if let address { return address }
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .findingDeadPeers()
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(
                ChannelOptions.writeBufferWaterMark, value: .init(low: 256 * 1024, high: 1024 * 1024)
            )
            .childChannelInitializer { channel in self.accept(channel) }
            .bind(host: shared.configuration.host, port: shared.configuration.port)
            .get()
        state.withLock { $0.listener = listener }
        return listener.localAddress!
    }

    /// Serves until graceful shutdown, then finishes what runs; a cancelled task ends it at once.
    public func run() async throws {
        try await start()
        try? await gracefulShutdown()
        await stop(grace: Task.isCancelled ? .zero : shared.configuration.graceDuration)
    }

    /// Takes no more connections and calls, waits for those in flight at most `grace`, and closes.
    public func stop(grace: Duration) async {
        try? await state.withLock({ $0.listener })?.close()
        drain(grace: grace)
        let timer = group.any().scheduleTask(in: TimeAmount(grace)) { self.stopConnections() }
        await withCheckedContinuation { emptied in
            let isEmpty = state.withLock { state in
                if !state.connections.isEmpty { state.emptied = emptied }
                return state.connections.isEmpty
            }
            if isEmpty { emptied.resume() }
        }
        timer.cancel()
        stopWorkers()
    }

    /// Tells the connections that the server stops; no further one is served.
    package func drain(grace: Duration) {
        let connections = state.withLock { state in
            state.isStopping = true
            return Array(state.connections.values)
        }
        for connection in connections {
            connection.eventLoop.execute { connection.drain(grace: grace) }
        }
    }

    /// Ends the tasks that wait for calls to handle.
    package func stopWorkers() {
        for (loop, workers) in workers.withLock({ Array($0.values) }) {
            loop.execute { workers.stop() }
        }
    }

    private func stopConnections() {
        for connection in state.withLock({ Array($0.connections.values) }) {
            connection.eventLoop.execute { connection.stop() }
        }
    }

    /// Serves a channel, wherever it came from.
    package func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let connection = ServerConnection(
            shared: shared, eventLoop: channel.eventLoop, workers: workers(for: channel.eventLoop))
        let key = ObjectIdentifier(connection)
        connection.onClose = { self.remove(key) }
        let (isStopping, count) = state.withLock { state in
            state.connections[key] = connection
            return (state.isStopping, state.connections.count)
        }
        shared.connections.add(1, ordering: .relaxed)
        shared.accepted.add(1, ordering: .relaxed)
        let surplus = count - shared.configuration.connectionsMax
        if isStopping || surplus > Self.refusedMax {
            remove(key)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        if surplus > 0 { connection.refusal = .tooManyConnections(limit: shared.configuration.connectionsMax) }
        return channel.eventLoop.makeCompletedFuture {
            try shared.configuration.tls?.addHandlers(to: channel)
            try channel.pipeline.syncOperations.addHandler(connection)
        }
    }

    /// Connections beyond the limit that are being told so; each takes a second at most. Further ones are closed unheard.
    private static let refusedMax = 64

    private func remove(_ key: ObjectIdentifier) {
        let emptied = state.withLock { state in
            guard state.connections.removeValue(forKey: key) != nil else {
                return nil as CheckedContinuation<Void, Never>?
            }
            shared.connections.subtract(1, ordering: .relaxed)
            guard state.connections.isEmpty else { return nil }
            defer { state.emptied = nil }
            return state.emptied
        }
        emptied?.resume()
    }

    private func workers(for eventLoop: any EventLoop) -> HandlerWorkers {
        workers.withLock { all in
            let key = ObjectIdentifier(eventLoop)
            if let found = all[key] { return found.workers }
            let made = HandlerWorkers(executor: LoopTaskExecutor(eventLoop))
            all[key] = (eventLoop, made)
            return made
        }
    }
}
