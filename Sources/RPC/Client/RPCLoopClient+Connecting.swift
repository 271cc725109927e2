import Logging
import NIOCore
import NIOPosix

/// How the connection comes about and what happens when it goes.
extension RPCLoopClient {
    func connectIfNeeded() {
        switch phase {
        case .idle: connect()
        case .pausing(let time):
            if time <= eventLoop.now { return connect() }
            if expectsSuccessor(at: time) { return wake(at: time) }
            var error = failure ?? unreachable
            error.retryAfter = Duration(time - eventLoop.now)
            eventLoop.execute { [error] in self.failWaiting(error) }
        case .closed:
            eventLoop.execute {
                self.failWaiting(RPCError(.unavailable, reason: "closed", "the client was closed"))
            }
        case .connecting, .greeting, .ready: break
        }
    }

    private func connect() {
        phase = .connecting
        connectionCount &+= 1
        let connection = ClientConnection(
            client: self, number: connectionCount, configuration: configuration, eventLoop: eventLoop)
        let attempt = dial.map { $0(connection) } ?? self.attempt(connection)
        attempt.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.connected(connection)
            case .failure(let error): self.connectFailed(error)
            }
        }
    }

    private func attempt(_ connection: ClientConnection) -> EventLoopFuture<Void> {
        let handshake = configuration.tls == nil ? nil : eventLoop.makePromise(of: Void.self)
        let reached = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .findingDeadPeers()
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: Self.readBuffers)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let handshake {
                        try self.configuration.tls?.addHandlers(
                            to: channel, host: self.host, limit: TimeAmount(self.configuration.connectTimeout),
                            done: handshake)
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: host, port: port)
        guard let handshake else { return reached.map { _ in } }
        reached.whenFailure { handshake.fail($0) }
        // The server listens; it still has to prove that it is the one we want.
        return reached.flatMap { _ in handshake.futureResult }
    }

    /// Room for several chunks of a stream: a chunk that comes with one read need not be put together, which only the
    /// first and the last of a read have to be. Grows with what comes; there are few connections to servers.
    private static let readBuffers = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2_048, maximum: 256 * 1_024)

    private func connected(_ connection: ClientConnection) {
        guard case .connecting = phase else { return connection.close() }
        phase = .greeting(connection)
        connection.greet(plainly: speaksPlainly)
    }

    private func connectFailed(_ error: any Error) {
        guard case .connecting = phase else { return }
        forgetStranger()
        logger.debug("no connection to \(address): \(error)")
        pause(TLSHandshakeError.isOne(error) ? handshakeFailed(error) : unreachable)
    }

    /// Waits before the next attempt. What waits fails, unless somebody is expected to be there in a moment.
    private func pause(_ error: RPCError) {
        let duration = backoff.failed(chance: chance())
        let time = eventLoop.now + TimeAmount(duration)
        phase = .pausing(until: time)
        failure = error
        if !expectsSuccessor(at: time) {
            failWaiting(error)
        } else if !waiting.isEmpty {
            wake(at: time)
        }
    }

    private func expectsSuccessor(at time: NIODeadline) -> Bool {
        successorDeadline.map { time < $0 } ?? false
    }

    /// The next attempt to reach whoever follows a server that has stopped.
    func reconnectIfDue(now: NIODeadline) {
        guard case .pausing(let time) = phase, !waiting.isEmpty else { return }
        if time <= now { connect() } else { wake(at: time) }
    }

    /// The server stops: it gets no more calls, and finishes those it has.
    func connectionGoesAway(_ connection: ClientConnection) {
        guard case .ready(let current) = phase, current === connection else { return }
        connection.acknowledgeGoaway()
        phase = .idle
        successorDeadline = eventLoop.now + TimeAmount(configuration.successorWait)
        retiring.append(connection)
        closeRetired()
        if !waiting.isEmpty { connectIfNeeded() }
        onLoss?()
    }

    /// Closes the connections whose calls have all ended.
    func closeRetired() {
        guard retiring.contains(where: { $0.inFlight == 0 }) else { return }
        let done = retiring.filter { $0.inFlight == 0 }
        retiring.removeAll { $0.inFlight == 0 }
        for connection in done { connection.close() }
    }

    func connectionReady(_ connection: ClientConnection) {
        guard case .greeting(let greeted) = phase, greeted === connection else { return }
        phase = .ready(connection)
        backoff.succeeded()
        failure = nil
        successorDeadline = nil
        if connection.features?.isEmpty == false {
            hasGreeted = true
            helloHangUps = 0
        }
        sendWaiting()
    }

    func connectionClosed(_ connection: ClientConnection, _ error: (any Error)?) {
        switch phase {
        case .greeting(let current) where current === connection:
            closedWhileGreeting(connection, error)
        case .ready(let current) where current === connection:
            phase = .idle
            forgetStranger()
            lost(connection, error)
            if !waiting.isEmpty { connectIfNeeded() }
            onLoss?()
        default:
            retiring.removeAll { $0 === connection }
            lost(connection, error)
        }
    }

    /// Ends the calls that were sent on a connection. Those whose frames never left surely did not begin.
    private func lost(_ connection: ClientConnection, _ error: (any Error)?) {
        let loss = self.loss(of: connection, error)
        for id in calls.ids {
            guard let call = calls[id], call.connection == connection.number else { continue }
            var error = loss
            error.notStarted = !connection.writer.hasLeft(call.write)
            end(id, error)
        }
    }

    /// A stranger that hangs up on hello may still understand plain calls.
    private func closedWhileGreeting(_ connection: ClientConnection, _ error: (any Error)?) {
        if error == nil, !speaksPlainly {
            helloHangUps += 1
            return connect()
        }
        let isOfTLS = configuration.tls != nil && !connection.hasHeard
        pause((error as? RPCError) ?? (isOfTLS ? error.map(handshakeFailed) : nil) ?? unreachable)
    }

    /// Whoever hung up on hello may have been stopping: the next connection is greeted properly again.
    private func forgetStranger() {
        helloHangUps = 0
    }

    func failWaiting(_ error: RPCError) {
        waiting.removeAll()
        for id in calls.ids where calls[id]?.request != nil { end(id, error) }
    }

    func failAll(_ error: RPCError) {
        waiting.removeAll()
        for id in calls.ids { end(id, error) }
    }
}
