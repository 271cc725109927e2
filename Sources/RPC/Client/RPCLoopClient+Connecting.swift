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
            eventLoop.execute { self.failWaiting(self.unreachable(retryAfter: time - self.eventLoop.now)) }
        case .closed:
            eventLoop.execute {
                self.failWaiting(RPCError(.unavailable, reason: "closed", "the client was closed"))
            }
        case .connecting, .greeting, .ready: break
        }
    }

    private func connect() {
        phase = .connecting
        let connection = ClientConnection(client: self, configuration: configuration, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 4)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(connection) }
            }
            .connect(host: host, port: port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success: self.connected(connection)
                case .failure(let error): self.connectFailed(error)
                }
            }
    }

    private func connected(_ connection: ClientConnection) {
        guard case .connecting = phase else { return connection.close() }
        phase = .greeting(connection)
        connection.greet(plainly: speaksPlainly)
    }

    private func connectFailed(_ error: any Error) {
        guard case .connecting = phase else { return }
        forgetStranger()
        logger.debug("no connection to \(address): \(error)")
        pause()
        failWaiting(unreachable(retryAfter: nil))
    }

    /// Waits before the next attempt.
    private func pause() {
        let duration = backoff.failed(chance: Double.random(in: 0...1))
        phase = .pausing(until: eventLoop.now + TimeAmount(duration))
    }

    func connectionReady(_ connection: ClientConnection) {
        guard case .greeting(let greeted) = phase, greeted === connection else { return }
        phase = .ready(connection)
        backoff.succeeded()
        sendWaiting()
    }

    func connectionClosed(_ connection: ClientConnection, _ error: (any Error)?) {
        switch phase {
        case .greeting(let current) where current === connection:
            closedWhileGreeting(error)
        case .ready(let current) where current === connection:
            phase = .idle
            forgetStranger()
            let reason = (error as? RPCError)?.message ?? error.map { "\($0)" } ?? "the server closed it"
            failSent(RPCError(.unavailable, reason: "disconnected", "the connection to \(address) was lost: \(reason)"))
            if calls.count > 0 { connectIfNeeded() }
        default: break
        }
    }

    /// A stranger that hangs up on hello may still understand plain calls.
    private func closedWhileGreeting(_ error: (any Error)?) {
        if error == nil, !speaksPlainly {
            speaksPlainly = true
            return connect()
        }
        pause()
        failWaiting((error as? RPCError) ?? unreachable(retryAfter: nil))
    }

    /// Whoever hung up on hello may have been stopping: the next connection is greeted properly again.
    private func forgetStranger() {
        speaksPlainly = configuration.isPlain
    }

    private func unreachable(retryAfter: TimeAmount?) -> RPCError {
        var error = RPCError(.unavailable, reason: "unreachable", "nothing answers at \(address)")
        error.notStarted = true
        error.retryAfter = retryAfter.map(Duration.init)
        return error
    }

    private func failSent(_ error: RPCError) {
        for id in calls.ids where calls[id]?.request == nil { end(id, error) }
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
