import Logging
import NIOCore

/// What all connections of a server share; never changes while it runs.
final class ServerShared: Sendable {
    let methods: RPCMethods
    let configuration: RPCServerConfiguration
    let logger: Logger
    let startedAt = NIODeadline.now()

    init(methods: RPCMethods, configuration: RPCServerConfiguration, logger: Logger) {
        self.methods = methods
        self.configuration = configuration
        self.logger = logger
    }
}
