package import NIOCore

/// Finds out that nobody is at the other end any more, which a socket alone does not tell.
///
/// Anything heard counts. After `quietMax` of silence a ping is due, after as long again the connection is dead.
///
/// Invariant: at most one ping is unanswered.
package struct KeepAlive {
    private enum State {
        /// Something was heard not long ago. Exit: silence, to `asked`.
        case hearing
        /// A ping is on its way. Exits: `heard`, to `hearing`; more silence, which gives the connection up.
        case asked(until: NIODeadline)
    }

    package enum Action: Equatable {
        case wait
        case ping
        case giveUp
    }

    private let quietMax: TimeAmount
    private var heardLast = NIODeadline.uptimeNanoseconds(0)
    private var state = State.hearing

    /// Gives up after twice `quietMax` of silence.
    package init(quietMax: TimeAmount) {
        self.quietMax = quietMax
    }

    /// Something came.
    @inline(__always)
    package mutating func heard(now: NIODeadline) {
        heardLast = now
        state = .hearing
    }

    /// When to look at the clock next.
    package var dueTime: NIODeadline {
        switch state {
        case .hearing: heardLast + quietMax
        case .asked(let time): time
        }
    }

    /// Looks at the clock.
    package mutating func timePassed(now: NIODeadline) -> Action {
        guard dueTime <= now else { return .wait }
        switch state {
        case .hearing:
            state = .asked(until: now + quietMax)
            return .ping
        case .asked: return .giveUp
        }
    }
}
