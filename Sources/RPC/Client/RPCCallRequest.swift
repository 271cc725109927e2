public import NIOCore

/// What a client asks for.
public struct RPCCallRequest: Sendable {
    /// The method's name: printable ASCII without quotes and backslashes.
    public var method: String
    /// Raw JSON, an object or an array; not checked.
    public var params: ByteBuffer?
    /// What is said beside the parameters; a server that never agreed to hello gets none of it.
    public var meta: RPCMeta

    /// A call.
    public init(method: String, params: ByteBuffer? = nil, meta: RPCMeta = .init()) {
        self.method = method
        self.params = params
        self.meta = meta
    }
}

/// Hears what becomes of a call, on its client's event loop. Exactly one of `callSucceeded`, `callFailed` and the last
/// `callChunk` ends it; nothing comes after `RPCCallHandle.cancel`.
public protocol RPCCallReceiver: AnyObject {
    /// The result: raw JSON, validated.
    func callSucceeded(_ result: ByteBuffer)
    /// The error, the server's or the connection's.
    func callFailed(_ error: RPCError)
    /// What the reply carries beside its outcome, which comes next; most replies carry nothing.
    func callReplyMeta(_ meta: RPCReplyMeta)
    /// Something said before the reply. An `item` has used up a credit.
    func callEvent(_ event: RPCEvent)
    /// The reply is a byte stream, and this is its head.
    func callContent(_ content: RPCContent)
    /// Octets of it. A chunk has used up a credit.
    func callChunk(_ octets: ByteBuffer, isLast: Bool)
    /// Whether the call may leave without its idempotency key, because the server knows no `meta`: doing it twice is
    /// doing it twice there. False ends it: UNAVAILABLE, reason `idempotency_unsupported`.
    func callMayLeaveWithoutKey() -> Bool
}

extension RPCCallReceiver {
    /// Few want to know more than the outcome.
    public func callReplyMeta(_ meta: RPCReplyMeta) {}

    /// Most calls say nothing before their reply.
    public func callEvent(_ event: RPCEvent) {}

    /// Only who sends calls again wants to know.
    public func callMayLeaveWithoutKey() -> Bool { true }
}

/// A call under way. Used on its client's event loop only.
public struct RPCCallHandle: Sendable {
    let client: RPCLoopClient
    let id: UInt64

    /// Ends the call: the server is told, the receiver hears nothing more. Does nothing after the reply.
    public func cancel(reason: String = "requested") {
        client.cancel(id, reason: reason)
    }

    /// Takes `count` more chunks or items.
    public func grantCredit(_ count: Int) {
        client.grantCredit(count, to: id)
    }
}
