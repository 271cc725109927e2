import NIOCore

/// Answers `rpc.health {"watch": true}`: the status now, and at every change, as items.
struct HealthWatch: RPCFallback {
    /// The protocol's own method that can be watched.
    static let method = "rpc.health"
    /// No watch is longer; whoever wants to goes on with another one.
    static let durationMax = Duration.seconds(8 * 86_400)

    let configuration: RPCServerConfiguration

    func start(_ call: RPCServerCall) {
        HealthWatcher(call, configuration).start()
    }
}

/// One peer that watches. The health of a service is asked for, not told, so it is asked for now and then.
final class HealthWatcher: RPCServerCallObserver, @unchecked Sendable {
    private let call: RPCServerCall
    private let configuration: RPCServerConfiguration
    private var told: String?
    private var timer: RepeatedTask?

    init(_ call: RPCServerCall, _ configuration: RPCServerConfiguration) {
        self.call = call
        self.configuration = configuration
    }

    func start() {
        call.observer = self
        look()
        let interval = TimeAmount(configuration.healthInterval)
        timer = call.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.look() }
    }

    /// Tells the status when it has changed.
    func look() {
        let status = configuration.health(isDraining: call.connection.phase == .draining)
        guard status != told else { return }
        told = status
        call.item(ByteBuffer(string: #"{"status":"\#(status)"}"#))
    }

    func callCancelled(_ call: RPCServerCall, reason: RPCCancelReason) {
        timer?.cancel()
    }

    func callCredited(_ call: RPCServerCall, count: Int) {}
}

extension RPCServerConfiguration {
    /// The word for how a server is.
    func health(isDraining: Bool) -> String { isDraining ? "draining" : isHealthy() ? "ok" : "unhealthy" }
}
