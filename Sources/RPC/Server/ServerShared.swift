import Logging
import NIOCore
import Synchronization

/// What all connections of a server share; never changes while it runs.
final class ServerShared: Sendable {
    let methods: RPCMethods
    let served: ServedMethods
    let configuration: RPCServerConfiguration
    let logger: Logger
    let startedAt = NIODeadline.now()
    /// Connections open now, and accepted since the start.
    let connections = Atomic(0)
    let accepted = Atomic(0)

    init(methods: RPCMethods, configuration: RPCServerConfiguration, logger: Logger) {
        self.methods = methods
        served = ServedMethods(
            methods, fallback: configuration.fallback, healthWatch: HealthWatch(configuration: configuration))
        self.configuration = configuration
        self.logger = logger
    }

    /// Whether a method waits rather than works.
    func isLong(_ method: String) -> Bool {
        served[method].options.isLong || configuration.fallback?.isLong(method) ?? false
    }
}
