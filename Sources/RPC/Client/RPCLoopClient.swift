public import Logging
public import NIOCore
import NIOPosix

/// Calls one server over one connection, from one event loop, with callbacks: no task, no hop between threads.
///
/// Connects with the first call, and again after a loss with the next one. While an attempt to connect is under way
/// calls wait; when it fails they fail, and until the pause after it is over new ones fail at once, UNAVAILABLE with
/// `not_started`. A server that says it stops is given no more calls: they go to a new connection, while the old one
/// stays until its calls have ended. `@unchecked Sendable`, because everything but the constants is used on `eventLoop` only.
public final class RPCLoopClient: @unchecked Sendable {
    enum Phase {
        /// No connection. Exit: the first call that waits, to `connecting`.
        case idle
        /// Exits: `greeting`, or a failure, to `pausing`.
        case connecting
        /// Hello is on its way. Exits: its answer, to `ready`; hanging up, to `connecting` or `pausing`.
        case greeting(ClientConnection)
        /// Calls are sent. Exits: the connection is lost or its server stops, to `idle`.
        case ready(ClientConnection)
        /// The last attempt failed; none is made before this time. Exit: a call after it, to `connecting`.
        case pausing(until: NIODeadline)
        /// For good.
        case closed
    }

    struct Call {
        var receiver: any RPCCallReceiver
        var deadline: NIODeadline?
        /// Nil once sent.
        var request: WaitingRequest?
        /// The connection it was sent on, and the write it left with; 0 before.
        var connection: UInt32 = 0
        var write: UInt32 = 0
        /// Items, or chunks of its reply, that its server may still send.
        var credit = RPCStreamOptions.creditDefault
    }

    /// A request that could not be sent at once. Class, because most calls have none and the table stays small.
    final class WaitingRequest {
        let request: RPCCallRequest

        init(_ request: RPCCallRequest) {
            self.request = request
        }
    }

    /// The loop everything here happens on.
    public let eventLoop: any EventLoop
    let host: String
    let port: Int
    let configuration: RPCClientConfiguration
    let logger: Logger

    var phase = Phase.idle
    var calls = PendingCalls<Call>()
    /// Calls not sent yet, in order; some may be gone already.
    var waiting = CircularBuffer<UInt64>()
    /// Connections whose server stops: nothing more is sent on them, what was is awaited.
    var retiring: [ClientConnection] = []
    var connectionCount: UInt32 = 0
    /// Until when another server is expected where one has stopped.
    var successorDeadline: NIODeadline?
    var backoff: ReconnectBackoff
    /// Why the last attempt failed; told to calls that come before the next one.
    var failure: RPCError?
    var wakeup = Wakeup()
    /// Told when a connection that was agreed on is gone, or will be because its server stops.
    var onLoss: (() -> Void)?
    /// How often in a row a server closed the connection on hello. Once it may have been stopping; twice, it is a
    /// stranger, until the connection is lost again; one that answered before is believed to be itself for longer.
    var helloHangUps = 0
    var hasGreeted = false
    private var helloHangUpsMax: Int { hasGreeted ? 5 : 2 }
    var speaksPlainly: Bool { configuration.isPlain || helloHangUps >= helloHangUpsMax }

    /// Makes a connection and gives it the handler; nil, a TCP connection to host and port.
    package typealias Dial = (_ handler: any ChannelHandler & Sendable) -> EventLoopFuture<Void>
    package var dial: Dial?
    /// Draws from 0…1, by how much a pause is longer or shorter.
    package var chance: () -> Double = { Double.random(in: 0...1) }

    /// A client that has not connected yet.
    public init(
        eventLoop: any EventLoop, host: String, port: Int, configuration: RPCClientConfiguration = .init(),
        logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.host = host
        self.port = port
        self.configuration = configuration
        self.logger = logger
        backoff = ReconnectBackoff(shortest: configuration.backoffMin, longest: configuration.backoffMax)
    }

    /// True when calls can be sent at once.
    public var isReady: Bool {
        if case .ready = phase { return true }
        return false
    }

    /// Calls that have no reply yet, sent or not.
    public var callCount: Int { calls.count }

    /// Starts a call. The receiver hears of it on the event loop, never before this returns.
    @discardableResult
    public func start(_ request: RPCCallRequest, receiver: any RPCCallReceiver) -> RPCCallHandle {
        eventLoop.preconditionInEventLoop()
        let deadline = request.meta.timeout.map { eventLoop.now + TimeAmount($0) }
        guard calls.count < min(configuration.waitingMax + configuration.inFlightMax, PendingCalls<Call>.countMax)
        else {
            eventLoop.assumeIsolated().execute {
                receiver.callFailed(.overloaded("too many calls wait for \(self.address)"))
            }
            return RPCCallHandle(client: self, id: 0)
        }
        if let deadline { wake(at: deadline) }
        let id: UInt64
        if case .ready(let connection) = phase, connection.inFlight < connection.inFlightMax {
            id = calls.insert(Call(receiver: receiver, deadline: deadline))
            send(id, request, on: connection)
        } else {
            id = calls.insert(Call(receiver: receiver, deadline: deadline, request: WaitingRequest(request)))
            forgetEndedWaiting()
            waiting.append(id)
            connectIfNeeded()
        }
        return RPCCallHandle(client: self, id: id)
    }

    /// Calls that were cancelled or too late leave their numbers behind; a queue of nothing but those would grow for as
    /// long as the server is busy.
    private func forgetEndedWaiting() {
        guard waiting.count > 2 * configuration.waitingMax else { return }
        waiting.removeAll { calls[$0]?.request == nil }
    }

    /// Connects for calls to come, unless that is under way or has just failed.
    func prepare() {
        switch phase {
        case .idle: connectIfNeeded()
        case .pausing(let time) where time <= eventLoop.now: connectIfNeeded()
        default: break
        }
    }

    /// Ends the connection; calls without a reply fail, and so do all later ones.
    public func close() {
        eventLoop.preconditionInEventLoop()
        if case .greeting(let connection) = phase { connection.close() }
        if case .ready(let connection) = phase { connection.close() }
        for connection in retiring { connection.close() }
        phase = .closed
        wakeup.cancel()
        failAll(RPCError(.unavailable, reason: "closed", "the client was closed"))
    }

    var address: String { "\(host):\(port)" }
}
