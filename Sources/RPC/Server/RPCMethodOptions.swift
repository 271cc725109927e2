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

    /// The default of `timeout`.
    public static let timeoutDefault = Duration.seconds(30)

    /// An ordinary call: 30 s, cancelled with its connection, not to be repeated.
    public init(
        timeout: Duration = Self.timeoutDefault, isLong: Bool = false, isDetached: Bool = false,
        isIdempotent: Bool = false
    ) {
        self.timeout = timeout
        self.isLong = isLong
        self.isDetached = isDetached
        self.isIdempotent = isIdempotent
    }
}
