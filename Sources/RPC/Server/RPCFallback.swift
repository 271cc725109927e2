public import NIOCore

/// Answers the methods a server did not register: how a router forwards without decoding.
///
/// `start` runs on the connection's event loop and must return soon; the answer is given through the call, at any
/// later time, on the same loop.
public protocol RPCFallback: Sendable {
    /// Takes a call over. Exactly one of `succeed`, `fail` or the last chunk ends it.
    func start(_ call: RPCServerCall)
}

/// What happens to a call while something else works on its answer. Called on the call's event loop.
public protocol RPCServerCallObserver: AnyObject {
    /// The answer is not wanted any more; whatever is still given is dropped.
    func callCancelled(_ call: RPCServerCall, reason: RPCCancelReason)
    /// The caller takes `count` more chunks or items.
    func callCredited(_ call: RPCServerCall, count: Int)
}

/// Why a call ended before its answer.
public enum RPCCancelReason: String, Sendable {
    /// `rpc.cancel` or `$/cancelRequest`.
    case requested
    case deadline
    case disconnected
    /// The caller gave no credit for too long.
    case stalled
    /// The caller has all it asked for.
    case satisfied
    /// This side is shutting down and did not wait any longer.
    case shutdown
}

/// Who is on the other end of a connection.
public struct RPCPeer: Sendable, Hashable {
    /// True until `rpc.hello`.
    public var isPlain: Bool
    /// The role it claimed and, for `gateway`, proved.
    public var role: String
    /// Program and version it named.
    public var name: String
    /// The other end of the socket.
    public var address: SocketAddress?

    /// A peer that has said nothing yet.
    package init(address: SocketAddress?) {
        isPlain = true
        role = ""
        name = ""
        self.address = address
    }
}
