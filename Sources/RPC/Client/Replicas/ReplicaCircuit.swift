package import NIOCore

/// Whether one replica is given calls: told what becomes of them, says when to ask for its health.
///
///     serving ── failures in a row ──► ejected ── its time is over ──► doubted
///        ▲ │                                                             ▲ │
///        │ └─────────── connection lost, draining, check failed ─────────┘ │
///        └─────────────────────── check succeeded ◄────────────────────────┘
///
/// Only `serving` replicas are given calls while there is one. A check that fails makes the next one come later.
/// Invariants: at most one check is under way, and a replica that does not serve has a check under way or a `wake`
/// ahead; a `wake` replaces the one before.
package struct ReplicaCircuit {
    /// What to do about an event.
    package enum Action: Equatable {
        /// Call `timePassed` after this time.
        case wake(after: TimeAmount)
        /// Ask for the replica's health, then call `checked`.
        case check
        /// Whether it serves has changed.
        case changed(isServing: Bool)
    }

    /// How a call failed, as far as it tells something about the replica.
    package enum Failure: Equatable {
        /// It answered that it cannot, or refused.
        case refused
        /// There is no connection any more, or the server stops.
        case lost
    }

    private enum State: Equatable {
        /// Left with enough failures in a row, with a loss, with a failed check.
        case serving(failures: Int)
        /// Left when its time is over; what calls in flight report meanwhile does not count.
        case ejected
        /// Left when a check succeeds; so many have failed in a row.
        case doubted(checks: Int)
    }

    private let policy: RPCReplicaPolicy
    private var state = State.serving(failures: 0)
    private var isChecking = false
    /// Ejections in a row; one is forgiven for each `forgivingInterval` of service.
    private var ejections = 0
    private var servingSince: NIODeadline?

    /// A replica nothing is known of: it is given calls.
    package init(_ policy: RPCReplicaPolicy) {
        self.policy = policy
    }

    /// Whether it is given calls.
    package var isServing: Bool {
        if case .serving = state { return true }
        return false
    }

    /// Whether it was sent away for its failures.
    package var isEjected: Bool { state == .ejected }

    /// The first question for health, if health is watched at all.
    package mutating func start() -> [Action] {
        policy.checkInterval == nil ? [] : check()
    }

    /// A call was answered.
    @inline(__always)
    package mutating func callSucceeded() {
        if case .serving(let failures) = state, failures > 0 { state = .serving(failures: 0) }
    }

    /// A call failed. `mayEject`: not too many replicas are ejected already; `chance` is drawn from 0…1.
    package mutating func callFailed(
        _ failure: Failure, mayEject: Bool, at now: NIODeadline, chance: Double
    ) -> [Action] {
        guard case .serving(let failures) = state else { return [] }
        if failure == .lost { return doubt(chance) }
        state = .serving(failures: min(failures + 1, policy.failuresMax))
        guard failures + 1 >= policy.failuresMax, mayEject else { return [] }
        return eject(at: now, chance)
    }

    /// A connection ended without a call on it: there may be nobody any more.
    package mutating func connectionEnded() -> [Action] {
        isServing ? check() : []
    }

    /// The time of a `wake` is over.
    package mutating func timePassed() -> [Action] {
        if state == .ejected { state = .doubted(checks: 0) }
        return check()
    }

    /// A check has its answer: the replica serves, or it does not, or it said nothing in time.
    package mutating func checked(isServing: Bool, at now: NIODeadline, chance: Double) -> [Action] {
        isChecking = false
        switch state {
        case .ejected: return []
        case .serving where isServing: return nextCheck(chance)
        case .serving: return doubt(chance)
        case .doubted where isServing: return serve(at: now) + nextCheck(chance)
        case .doubted(let checks):
            state = .doubted(checks: checks + 1)
            return [.wake(after: pause(after: checks + 1, chance))]
        }
    }

    /// The replica said unasked how it is.
    package mutating func told(isServing: Bool, at now: NIODeadline, chance: Double) -> [Action] {
        switch state {
        case .serving where !isServing: return doubt(chance)
        case .doubted where isServing: return serve(at: now) + (isChecking ? [] : nextCheck(chance))
        default: return []
        }
    }

    private mutating func eject(at now: NIODeadline, _ chance: Double) -> [Action] {
        if let servingSince {
            let forgiven = (now - servingSince).nanoseconds / TimeAmount(policy.forgivingInterval).nanoseconds
            ejections = max(0, ejections - Int(clamping: forgiven))
        }
        ejections += 1
        state = .ejected
        let time = min(policy.ejectionMax, policy.ejectionMin * ejections)
        return [.changed(isServing: false), .wake(after: Self.jittered(time, chance))]
    }

    private mutating func doubt(_ chance: Double) -> [Action] {
        state = .doubted(checks: 0)
        return [.changed(isServing: false)] + (isChecking ? [] : [.wake(after: pause(after: 0, chance))])
    }

    private mutating func serve(at now: NIODeadline) -> [Action] {
        state = .serving(failures: 0)
        servingSince = now
        return [.changed(isServing: true)]
    }

    private mutating func check() -> [Action] {
        if isChecking || state == .ejected { return [] }
        isChecking = true
        return [.check]
    }

    private func nextCheck(_ chance: Double) -> [Action] {
        policy.checkInterval.map { [.wake(after: Self.jittered($0, chance))] } ?? []
    }

    private func pause(after checks: Int, _ chance: Double) -> TimeAmount {
        Self.jittered(min(policy.checkDelayMax, policy.checkDelayMin * (1 << min(checks, 20))), chance)
    }

    /// ± 20 %, so that many clients of one server do not come back in step.
    private static func jittered(_ time: Duration, _ chance: Double) -> TimeAmount {
        TimeAmount(time * (0.8 + 0.4 * chance))
    }
}
