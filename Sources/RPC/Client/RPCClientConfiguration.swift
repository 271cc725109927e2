/// How a client presents itself and how patient it is.
public struct RPCClientConfiguration: Sendable {
    /// Program and version, told in hello.
    public var name = "pailou"
    /// What the client is; `gateway` has to be proved.
    public var role = "client"
    /// Proves the role `gateway`.
    public var gatewaySecret: String?
    /// Says who calls, to servers that ask for it.
    public var token: String?
    /// Speaks TLS; without it the connection is not encrypted.
    public var tls: ClientTLS?
    /// Speaks plain JSON-RPC and never says hello.
    public var isPlain = false
    /// Longest frame taken from the server.
    public var frameBytesMax = 64 << 20
    /// Octets that the unfinished replies of one connection may hold together.
    public var heldBytesMax = 64 << 20
    /// What the connections of the whole process may hold together.
    package var budget = OctetBudget.shared
    /// How long the next chunk of a reply may take while the server has credit for it.
    public var chunkDuration = Duration.seconds(30)
    /// How long a call in chunks waits for a credit of the server's.
    public var creditDuration = Duration.seconds(60)
    /// Calls in flight at once, if the server agrees; more wait here.
    public var inFlightMax = 256
    /// Calls in flight towards a server that knows no hello.
    public var plainInFlightMax = 64
    /// Calls that wait for their turn or for the connection; more fail at once.
    public var waitingMax = 4096
    /// How long a connection may take to come about, and then the handshake of TLS.
    public var connectTimeout = Duration.seconds(2)
    /// How long the answer to hello may take; after that the server is taken for a stranger and spoken to plainly.
    public var helloTimeout = Duration.seconds(2)
    /// The pause after the first failed attempt to connect; doubles from there.
    public var backoffMin = Duration.milliseconds(100)
    /// The longest pause between two attempts.
    public var backoffMax = Duration.seconds(1)

    /// How long after a server said that it stops another one is expected at its address: until then calls wait for it
    /// instead of failing when nobody answers. Zero where calls can go elsewhere.
    public var successorWait = Duration.seconds(5)
    /// How long nothing may be heard of the server before it is asked for a sign of life, and how long that may take.
    public var keepAliveDuration = Duration.seconds(10)
    /// How much longer than the caller waits for a reply, so that the server's own word on the time comes first.
    public var deadlineGrace = Duration.milliseconds(250)
    /// Calls of the lane for calls that wait, in flight at once, if the server agrees.
    public var waitsInFlightMax = 4096
    /// When failed calls are sent again.
    public var retries = RPCRetryPolicy()
    /// When a replica is given no calls.
    public var replicas = RPCReplicaPolicy()

    /// The defaults.
    public init() {}
}
