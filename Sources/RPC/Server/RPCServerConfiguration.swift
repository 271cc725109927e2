/// Where a server listens and what it says of itself.
public struct RPCServerConfiguration: Sendable {
    /// The address to bind; loopback unless somebody decides otherwise.
    public var host = "127.0.0.1"
    /// The port to bind; 0 takes a free one.
    public var port = 0
    /// What the server is, for `rpc.info` and hello.
    public var role = "service"
    /// Program and version, for `rpc.info` and hello.
    public var name = "pailou"
    /// The version, for `rpc.info`.
    public var version = "0"
    /// The bounds of each connection.
    public var limits = RPCLimits()
    /// Connections open at the same time; one more is told so and closed.
    public var connectionsMax = 8_192
    /// What the connections of the whole process may hold together.
    package var budget = OctetBudget.shared
    /// What a peer must show to be believed that it is the gateway. Without one nobody is believed.
    public var gatewaySecret: String?
    /// Subjects of client certificates that are believed to be the gateway's, such as `CN=gateway`.
    public var gatewaySubjects: Set<String> = []
    /// Certificate and key, where callers have to speak TLS.
    public var tls: ServerTLS?
    /// Tokens by which callers are known. With them, or with client certificates, nobody else is served.
    public var tokens: TokenFile?
    /// How long calls in flight may take to finish when the server stops.
    public var graceDuration = Duration.seconds(30)
    /// Answers methods nobody registered.
    public var fallback: (any RPCFallback)?
    /// What `rpc.health` answers besides `true` for being alive; false makes load balancers go elsewhere.
    public var isHealthy: @Sendable () -> Bool = { true }
    /// How often that is asked for peers that watch.
    public var healthInterval = Duration.seconds(1)

    /// The defaults: loopback, a free port.
    public init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}
