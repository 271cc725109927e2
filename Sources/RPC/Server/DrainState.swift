package import NIOCore

/// What a stopping server owes the peer of one connection before it may close.
///
/// Invariants: a peer is told at most once, and only when it agreed to be; one that is told is refused nothing before
/// it has heard or had the time to; the connection may close only when no call that has to be served can still come.
package struct DrainState {
    private enum State {
        /// The server does not stop. Exits: `begin`, to any of the others.
        case serving
        /// Goaway was sent. Exits: the answer, or the end of the time for it, to `refusing`.
        case announced(until: NIODeadline)
        /// A negotiated peer's further calls are refused. No exit: the connection closes when nothing runs.
        case refusing
        /// A plain peer is not read any more; what had been read is served. Exits: `begin` again, when hello was among
        /// that, to `announced` or `refusing`; else the connection closes when nothing runs.
        case finishing
    }

    private var state = State.serving

    /// A server that does not stop.
    package init() {}

    /// The server stops, or hello was said after it began to: true when goaway is to be sent now.
    package mutating func begin(isPlain: Bool, peerHears: Bool, ackDeadline: NIODeadline) -> Bool {
        switch state {
        case .announced, .refusing: return false
        case .serving, .finishing: break
        }
        guard !isPlain, peerHears else {
            state = isPlain ? .finishing : .refusing
            return false
        }
        state = .announced(until: ackDeadline)
        return true
    }

    /// The peer has heard and issues no more calls here.
    package mutating func acknowledged() {
        if case .announced = state { state = .refusing }
    }

    /// Looks at the clock.
    package mutating func timePassed(now: NIODeadline) {
        if let deadline, deadline <= now { state = .refusing }
    }

    /// When to look at the clock again.
    package var deadline: NIODeadline? {
        if case .announced(let time) = state { return time }
        return nil
    }

    /// Whether a call that has arrived is served. One that only waits would be ended in the next moment.
    package func takesCall(isLong: Bool) -> Bool {
        switch state {
        case .serving, .finishing: true
        case .announced: !isLong
        case .refusing: false
        }
    }

    /// Whether the connection may close once nothing runs.
    package var mayClose: Bool {
        switch state {
        case .serving, .announced: false
        case .refusing, .finishing: true
        }
    }
}
