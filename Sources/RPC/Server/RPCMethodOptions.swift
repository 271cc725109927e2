/// How a method wants to be treated.
public struct RPCMethodOptions: Sendable, Hashable {
    /// How long a call may take when its caller says nothing.
    public var timeout: Duration
    /// Waits rather than works: an event stream, a job's end. Its calls end at once when the server stops, to be made
    /// again elsewhere.
    public var isLong: Bool
    /// Goes on when its caller disconnects.
    public var isDetached: Bool
    /// May be done twice with the effect of once.
    public var isIdempotent: Bool
    /// Takes `meta.idem`: with a key it may be done twice with the effect of once.
    public var isKeyed: Bool

    /// Calls that run at once, over all connections; nil for no bound but that of each connection.
    public var concurrentMax: Int?
    /// Calls that wait for one of those; more are refused, UNAVAILABLE `overloaded` with `not_started`.
    public var queuedMax: Int

    /// The default of `queuedMax`.
    public static let queuedMaxDefault = 256
    /// The default of `timeout`.
    public static let timeoutDefault = Duration.seconds(30)

    /// An ordinary call: 30 s, cancelled with its connection, not to be repeated.
    public init(
        timeout: Duration = Self.timeoutDefault, isLong: Bool = false, isDetached: Bool = false,
        isIdempotent: Bool = false, isKeyed: Bool = false, concurrentMax: Int? = nil,
        queuedMax: Int = Self.queuedMaxDefault
    ) {
        self.timeout = timeout
        self.isLong = isLong
        self.isDetached = isDetached
        self.isIdempotent = isIdempotent
        self.isKeyed = isKeyed
        self.concurrentMax = concurrentMax
        self.queuedMax = queuedMax
    }
}

extension RPCMethodOptions {
    /// Longest `meta.idem`, in octets.
    public static let keyBytesMax = 128

    /// Why a call with this key is not begun. A key that were ignored would promise what nobody keeps.
    func refusal(ofKey key: String) -> RPCError? {
        guard isKeyed else {
            return RPCError(
                .invalidArgument, reason: "idempotency_unsupported", "this method takes no idempotency key")
        }
        let length = key.utf8.count
        guard (1...Self.keyBytesMax).contains(length) else {
            return RPCError(
                .invalidArgument, reason: "idempotency_key",
                "expected an idempotency key of 1 to \(Self.keyBytesMax) octets, found \(length)")
        }
        return nil
    }
}
