/// What a caller may say about one call.
public struct RPCCallOptions: Sendable {
    /// What travels beside the parameters.
    public var meta: RPCMeta

    /// The method may be done twice with the effect of once; nil: as its contract says.
    public var isIdempotent: Bool?

    /// A key under which the server remembers what it did (at most 128 octets), for methods that take one: the call may
    /// then be sent again without being done again.
    public var idem: String? {
        get { meta.idem }
        set { meta.idem = newValue }
    }

    /// How long to wait; none, the method's own default holds on the server and no clock runs here.
    public var timeout: Duration? {
        get { meta.timeout }
        set { meta.timeout = newValue }
    }

    /// A call with the method's own time limit, or this one.
    public init(
        timeout: Duration? = nil, idem: String? = nil, isIdempotent: Bool? = nil, meta: RPCMeta = .init()
    ) {
        self.meta = meta
        self.isIdempotent = isIdempotent
        if let timeout { self.meta.timeout = timeout }
        if let idem { self.meta.idem = idem }
    }
}
