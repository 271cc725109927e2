package import NIOCore
package import RPC

/// How the gateway's HTTP side behaves; plain values with defaults.
package struct GatewayConfiguration: Sendable {
    /// Where a façade listens when not where its document says: `host:port` by façade name.
    package var listen: [String: String] = [:]
    /// Scheme, host and port under which clients reach the façades, when it is not what they put into `Host`.
    package var publicURL: String?
    /// What façades have for themselves, by name.
    package var facades: [String: FacadeOptions] = [:]
    /// Certificate and key, where clients have to speak TLS.
    package var tls: ServerTLS?
    /// Limits of every façade's port.
    package var limits = HTTPLimits()
    /// Between two comments on an event stream that has nothing to say.
    package var heartbeatInterval = TimeAmount.seconds(15)
    /// How long a stop waits for requests under way.
    package var graceTimeout = TimeAmount.seconds(30)
    /// What a client is told to wait when a service is down.
    package var retryAfter = TimeAmount.seconds(1)
    /// How long the head of an event stream waits for a first event, which may turn out to be an error.
    package var eventHeadDelay = TimeAmount.seconds(1)
    /// Where each request leaves its line; nil: nowhere.
    package var accessLog: AccessLog?

    /// The defaults.
    package init() {}
}
