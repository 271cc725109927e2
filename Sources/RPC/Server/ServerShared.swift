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
}
