import Logging
import NIOCore

/// What all connections of a server share; never changes while it runs.
final class ServerShared: Sendable {
    let methods: RPCMethods
    let served: ServedMethods
    let configuration: RPCServerConfiguration
    let logger: Logger
    let startedAt = NIODeadline.now()

    init(methods: RPCMethods, configuration: RPCServerConfiguration, logger: Logger) {
        self.methods = methods
        served = ServedMethods(methods, fallback: configuration.fallback)
        self.configuration = configuration
        self.logger = logger
    }

    /// Whether a method waits rather than works.
    func isLong(_ method: String) -> Bool {
        methods.methods[method]?.options.isLong ?? configuration.fallback?.isLong(method) ?? false
    }
}
