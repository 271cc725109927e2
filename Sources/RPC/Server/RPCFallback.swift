public import NIOCore

/// Answers the methods a server did not register: how a router forwards without decoding.
///
/// `start` runs on the connection's event loop and must return soon; the answer is given through the call, at any
/// later time, on the same loop.
public protocol RPCFallback: Sendable {
    /// Takes a call over. Exactly one of `succeed`, `fail` or the last chunk ends it.
    func start(_ call: RPCServerCall)
    /// How long a call may take whose caller set no limit. Whoever does the work in the end has limits of its own, so
    /// this one only keeps calls from staying for ever.
    var timeout: Duration { get }
    /// The names its methods are counted under, such as `export.*`: few and fixed, each makes metrics of its own.
    var groups: [String] { get }
    /// Which of `groups` counts a method; with nil it counts as unknown.
    func group(of method: String) -> String?
    /// Whether a method of no group is answered here all the same; otherwise nobody does.
    var servesUngrouped: Bool { get }
    /// Whether a method waits rather than works, so that a stopping server ends its calls at once.
    func isLong(_ method: String) -> Bool
}

extension RPCFallback {
    /// That of an ordinary method.
    public var timeout: Duration { RPCMethodOptions.timeoutDefault }
    /// None: every method counts as unknown.
    public var groups: [String] { [] }
    /// None.
    public func group(of method: String) -> String? { nil }
    /// It is.
    public var servesUngrouped: Bool { true }
    /// None.
    public func isLong(_ method: String) -> Bool { false }
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
    /// This side is shutting down, and the call would only have waited.
    case draining
}

/// Who is on the other end of a connection.
public struct RPCPeer: Sendable, Hashable {
    /// True until `rpc.hello`.
    public var isPlain: Bool
    /// The role it claimed and, for `gateway`, proved.
    public var role: String
    /// Program and version it named.
    public var name: String
    /// Who it proved to be, by token or certificate.
    public var principal: RPCPrincipal?
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
