import NIOCore

/// What one HTTP connection is doing, without I/O and without a clock of its own.
///
/// Invariants: one request is worked on at a time; what a pipelining client sends behind it waits outside (`mustQueue`).
/// An answer that leaves before its request has been read to the end is the connection's last. Every state but
/// `answering` has a deadline; `answering` is bounded by the call's own deadline and by `stallTimeout` on the way out.
struct HTTPConnectionStateMachine {
    /// The exits of each state.
    enum State: Equatable {
        /// Between requests. A head → receiving; too long, or a drain → closed.
        case idle
        /// Octets of a head came, but not the whole. The rest → receiving; too long, too many → answering.
        case head(octets: Int)
        /// The head was taken, the body arrives. Its end → answering; an early answer → answering, incomplete.
        case receiving(Receiving)
        /// The answer is made and written. Done → idle, lingering or closed.
        case answering(isRequestComplete: Bool)
        /// The last answer is out and our side is shut. The client's end, enough octets or a second → closed.
        case lingering(octets: Int)
        case closed
    }

    /// A body on its way.
    struct Receiving: Equatable {
        var mode: BodyMode
        /// Octets of the body so far.
        var octets = 0
        /// Octets on the wire so far, chunk heads and trailers included.
        var wireOctets = 0
        var start: NIODeadline
    }

    /// What is done with a body.
    enum BodyMode: Equatable {
        /// It is kept, up to this many octets.
        case collect(limit: Int)
        /// It is read and dropped, up to this many octets, because the answer does not depend on it.
        case discard(limit: Int)
    }

    // Written by this type alone; its functions are spread over two files.
    var state = State.idle
    /// Whether another request may follow on this connection.
    var isKeptAlive = true
    /// When `timerFired` wants to be called, at the latest.
    var deadline: NIODeadline
    let limits: HTTPLimits
    /// What was sent when a stall was last looked for.
    var octetsSentAtLastCheck = 0

    init(limits: HTTPLimits, now: NIODeadline) {
        self.limits = limits
        deadline = now + limits.idleTimeout
    }

    /// Whether a part of a request has to wait for the request before it.
    var mustQueue: Bool { state == .answering(isRequestComplete: true) }

    /// Whether the next part is a head.
    var isBetweenRequests: Bool {
        switch state {
        case .idle, .head: true
        default: false
        }
    }

    /// Whether another request follows the one that is being answered.
    var isLastAnswer: Bool { !isKeptAlive || state != .answering(isRequestComplete: true) }
}

// MARK: - Requests

extension HTTPConnectionStateMachine {
    /// What to do with a piece of a body.
    enum BodyAction: Equatable {
        case collect
        case drop
        /// More than the limit: refuse, and read no further.
        case refuse(limit: Int)
    }

    /// What to do at a request's end.
    enum EndAction: Equatable {
        /// Hand over the collected body, or send the refusal that waited for the end.
        case answer
        case ignore
    }

    /// A whole head has come; `bodyReceived` or `endReceived` follow.
    mutating func headReceived(keepAlive: Bool, now: NIODeadline) {
        state = .receiving(Receiving(mode: .collect(limit: 0), start: now))
        isKeptAlive = isKeptAlive && keepAlive
        deadline = now + limits.bodyTimeout
    }

    /// The request will be answered, with a body of at most `limit` octets; zero: whatever body comes is not wanted.
    mutating func admitted(bodyLimit limit: Int) {
        setMode(limit > 0 ? .collect(limit: limit) : .discard(limit: limits.discardBytesMax))
    }

    /// The request is refused. True: its body is small enough to be read first, so the refusal waits for the end.
    mutating func refused(_ framing: MessageFraming, expectsContinue: Bool) -> Bool {
        let isShort =
            switch framing {
            case .none: true
            case .length(let octets): octets <= limits.discardBytesMax
            case .chunked: true
            }
        if isShort && !expectsContinue {
            setMode(.discard(limit: limits.discardBytesMax))
            return true
        }
        answerEarly()
        return false
    }

    /// A piece of the body.
    mutating func bodyReceived(_ count: Int, now: NIODeadline) -> BodyAction {
        guard case .receiving(var receiving) = state else { return .drop }
        receiving.octets += count
        state = .receiving(receiving)
        let perSecond = Int64(limits.bodyBytesPerSecondMin)
        deadline =
            receiving.start + limits.bodyTimeout + .nanoseconds(Int64(receiving.octets) * 1_000_000_000 / perSecond)
        switch receiving.mode {
        case .collect(let limit):
            return receiving.octets <= limit ? .collect : .refuse(limit: limit)
        case .discard(let limit):
            return receiving.octets <= limit ? .drop : .refuse(limit: limit)
        }
    }

    /// The request's last part.
    mutating func endReceived(now: NIODeadline) -> EndAction {
        switch state {
        case .receiving:
            state = .answering(isRequestComplete: true)
            watchForStall(now)
            return .answer
        case .answering(isRequestComplete: false):
            state = .answering(isRequestComplete: true)
            return .ignore
        default:
            return .ignore
        }
    }

    /// The request is answered before it is complete, and it is the last one.
    mutating func answerEarly() {
        state = .answering(isRequestComplete: false)
        isKeptAlive = false
    }

    /// The request is answered; it is the last one if it is not complete.
    mutating func answerEarlyUnlessComplete() {
        if state != .answering(isRequestComplete: true) { answerEarly() }
    }

    /// The end of the body is the end of the connection, because the client knows no other sign.
    mutating func closeAfterAnswer() {
        isKeptAlive = false
    }

    private mutating func setMode(_ mode: BodyMode) {
        guard case .receiving(var receiving) = state else { return }
        receiving.mode = mode
        state = .receiving(receiving)
    }
}
