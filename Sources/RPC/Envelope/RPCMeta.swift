public import NIOCore

/// What a negotiated request carries beside its parameters: how long it may take, whom it is for, how to trace it.
///
/// At most 8 KiB as JSON. A plain peer's `meta` is an unknown member to us and is ignored.
public struct RPCMeta: Sendable {
    /// How long the caller waits for the reply, from the moment the request is sent.
    public var timeout: Duration?
    /// W3C trace context, passed on unread.
    public var traceparent: String?
    /// The id under which logs of all processes speak of this request.
    public var requestID: String?
    /// The idempotency key of a call that may be repeated.
    public var idem: String?
    /// Which attempt this is; 1 or absent for the first.
    public var attempt: Int?
    /// On whose behalf the gateway calls: a raw JSON object. Only an authenticated gateway may say so.
    public var principal: ByteBuffer?
    /// The HTTP request behind the call, written by the gateway.
    public var http: RPCHTTPInfo? {
        get { boxedHTTP.flatMap { $0.info ?? RPCHTTPInfo(json: $0.json) } }
        set { boxedHTTP = newValue.map(BoxedHTTPInfo.init) }
    }
    /// True when the gateway calls for a plain peer. Only an authenticated gateway may say so.
    public var callerIsPlain = false
    /// Present when the caller takes events and byte streams.
    public var stream: RPCStreamOptions?

    /// Beside the rest, so that every call does not carry room for it.
    private var boxedHTTP: BoxedHTTPInfo?

    /// Nothing said.
    public init() {}

    /// The most octets a `meta` may have.
    package static let bytesMax = 8 * 1024
    /// More tries than anybody makes; a higher number says nothing.
    static let attemptMax = 1_000
}

extension RPCMeta {
    /// Keeps the JSON of the HTTP request: few methods want to know it, and reading it costs as much as the rest.
    mutating func setHTTP(json: ByteBuffer) {
        boxedHTTP = BoxedHTTPInfo(json: json)
    }
}

/// What a gateway says, or what was heard and is not read yet. A class, so that an absent one costs a pointer.
private final class BoxedHTTPInfo: Sendable {
    let info: RPCHTTPInfo?
    let json: ByteBuffer

    init(_ info: RPCHTTPInfo) {
        self.info = info
        json = ByteBuffer()
    }

    init(json: ByteBuffer) {
        info = nil
        self.json = json
    }
}

/// How a caller wants to be streamed to.
public struct RPCStreamOptions: Sendable, Hashable {
    /// How many chunks or items may be sent before the first `rpc.credit`.
    public var credit: Int
    /// The last sequence number the caller has already seen, when it resumes.
    public var after: Int?

    /// The highest sequence number a call goes on from: JSON's integers are exact up to here.
    static let afterMax = 1 << 53

    /// 16 credits is what the wire gives when nothing is said.
    public init(credit: Int = Self.creditDefault, after: Int? = nil) {
        self.credit = credit
        self.after = after
    }

    /// Credits at the start of a stream: 16 chunks of 64 KiB are 1 MiB in flight.
    public static let creditDefault = 16
    /// More than anybody needs; a bound, so that sums cannot overflow, whatever a stranger says.
    static let creditMax = Int(UInt32.max)

    /// What is left when so many more are given.
    static func sum(_ credit: Int, _ count: Int) -> Int {
        min(min(credit, creditMax) + min(max(0, count), creditMax), creditMax)
    }
}

/// The HTTP request a call stands for.
public struct RPCHTTPInfo: Sendable, Hashable, Codable {
    /// The façade's name.
    public var facade: String
    /// The HTTP method.
    public var method: String
    /// The path, as received; of a very long one its beginning.
    public var path: String
    /// Scheme, host and port under which the client reached us, for links in answers.
    public var base: String
    /// The client's address.
    public var ip: String
    /// The `Range` header.
    public var range: String?
    /// The `If-Range` header.
    public var ifRange: String?
    /// The `If-None-Match` header.
    public var ifNoneMatch: String?
    /// Whether only the head of the answer is wanted.
    public var head: Bool

    /// A request with what every request has.
    public init(
        facade: String, method: String, path: String, base: String, ip: String, range: String? = nil,
        ifRange: String? = nil, ifNoneMatch: String? = nil, head: Bool = false
    ) {
        self.facade = facade
        self.method = method
        self.path = path
        self.base = base
        self.ip = ip
        self.range = range
        self.ifRange = ifRange
        self.ifNoneMatch = ifNoneMatch
        self.head = head
    }

    enum CodingKeys: String, CodingKey {
        case facade, method, path, base, ip, range, head
        case ifRange = "if_range"
        case ifNoneMatch = "if_none_match"
    }
}
