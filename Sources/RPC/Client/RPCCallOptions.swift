/// What a caller may say about one call.
public struct RPCCallOptions: Sendable {
    /// What travels beside the parameters.
    public var meta: RPCMeta

    /// How long to wait; none, the method's own default holds on the server and no clock runs here.
    public var timeout: Duration? {
        get { meta.timeout }
        set { meta.timeout = newValue }
    }

    /// A call with the method's own time limit, or this one.
    public init(timeout: Duration? = nil, meta: RPCMeta = .init()) {
        self.meta = meta
        if let timeout { self.meta.timeout = timeout }
    }
}
