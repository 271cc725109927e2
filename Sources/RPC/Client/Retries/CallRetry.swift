package import NIOCore

/// One call's tries: told of a failure, says whether the call is sent again, and after which pause.
///
/// Sent again is what surely never began (`not_started`) or what a stopping server sent away (`resume`); and, if the
/// method is idempotent or the call has a key, what ended UNAVAILABLE, with its connection, or DEADLINE_EXCEEDED before
/// the caller's own time was over. Everything else is an answer, and answers are not asked for twice.
///
/// Nor is what somebody on the way sent again already (`tries`): each hop with four tries of its own would make sixteen
/// of one call, in an outage of all times. Whoever is next to the service owns them.
///
/// A retry costs a token of the budget, except that a call leaves a replica which is gone, or stops, for one that serves.
/// This puts no more load on the living than there was, and after a crash all calls in flight need it at once, which no
/// budget against outages would allow.
package struct CallRetry {
    /// What to do about a failure.
    package enum Action: Equatable {
        /// Tell the caller.
        case fail
        /// Send it once more after a pause; zero: at once.
        case again(after: TimeAmount)
    }

    /// What has become of a call's idempotency key.
    package enum Key {
        case none
        /// The server knows the call by it, and does not do it twice.
        case told
        /// The server knows no `meta`. Whoever gave the key may not rely on it.
        case withheld
    }

    /// What a failure looked like from here.
    package struct Failure {
        package var error: RPCError
        /// A replica serves on which this call has not been tried.
        package var hasAnotherReplica: Bool
        /// Where a server stops another one is expected in a moment, and the client waits for it.
        package var expectsSuccessor: Bool
        /// The caller has been given a part of the answer.
        package var hasBegunAnswer: Bool
        package var key: Key

        package init(
            _ error: RPCError, hasAnotherReplica: Bool, expectsSuccessor: Bool = false, hasBegunAnswer: Bool = false,
            key: Key = .none
        ) {
            self.error = error
            self.hasAnotherReplica = hasAnotherReplica
            self.expectsSuccessor = expectsSuccessor
            self.hasBegunAnswer = hasBegunAnswer
            self.key = key
        }
    }

    private let deadline: NIODeadline?
    package let isIdempotent: Bool
    /// Tries begun, the present one included.
    package private(set) var tries = 1
    /// A try that has failed may have been done all the same, or be at it still. Then nobody may say that the call
    /// surely never began, and no server may do it that does not know it by its key.
    package private(set) var mayHaveBegun = false
    private var pauses = 0
    private var moves = 0

    /// How often a call leaves a server that stops for the next one; such moves are no tries.
    private static let movesMax = 16

    /// A call that is being sent for the first time.
    package init(deadline: NIODeadline?, isIdempotent: Bool) {
        self.deadline = deadline
        self.isIdempotent = isIdempotent
    }

    /// What is left of the caller's time; nil when it set no limit.
    package func timeLeft(at now: NIODeadline) -> TimeAmount? {
        deadline.map { max(.zero, $0 - now) }
    }

    /// A try failed. `chance` is drawn from 0…1.
    package mutating func failed(
        _ failure: Failure, at now: NIODeadline, chance: Double, policy: RPCRetryPolicy, budget: inout RetryBudget
    ) -> Action {
        if !failure.error.notStarted, !failure.error.resume { mayHaveBegun = true }
        if mayMove(failure, policy) {
            if let left = timeLeft(at: now), left <= .zero { return .fail }
            moves += 1
            return .again(after: .zero)
        }
        guard tries < policy.triesMax, mayRepeat(failure), let pause = pause(failure, chance, policy) else {
            return .fail
        }
        if let left = timeLeft(at: now), left <= pause { return .fail }
        guard isFree(failure) || budget.take() else { return .fail }
        tries += 1
        if pause > .zero { pauses += 1 }
        return .again(after: pause)
    }

    /// The error as the caller gets it: with the tries made, if making them was up to us, so that the caller makes none;
    /// nor for a key that went no further than to us. What one try may have begun the last one does not deny.
    package func final(_ failure: Failure) -> RPCError {
        var error = failure.error
        if mayRepeat(failure) || failure.key == .withheld && Self.mayBeLost(error) { error.tries = tries + moves }
        if mayHaveBegun { error.notStarted = false }
        return error
    }

    /// Whether nobody knows if the call was done.
    private static func mayBeLost(_ error: RPCError) -> Bool {
        error.status == .unavailable || error.status == .deadlineExceeded
    }

    /// A server that stops and did not do the call sent it to whoever comes next: that is free and at once.
    private func mayMove(_ failure: Failure, _ policy: RPCRetryPolicy) -> Bool {
        guard failure.error.isOfDraining, failure.hasAnotherReplica || failure.expectsSuccessor else { return false }
        return moves < Self.movesMax && policy.triesMax > 1 && mayRepeat(failure)
    }

    private func mayRepeat(_ failure: Failure) -> Bool {
        if failure.error.tries != nil { return false }
        if failure.error.resume { return true }
        if failure.hasBegunAnswer { return false }
        if failure.error.notStarted { return true }
        return (isIdempotent || failure.key == .told) && Self.mayBeLost(failure.error)
    }

    private func isFree(_ failure: Failure) -> Bool {
        failure.hasAnotherReplica && (failure.error.isOfConnection || failure.error.isOfStopping)
    }

    /// Nil when the server asks for a longer pause than the policy allows.
    private func pause(_ failure: Failure, _ chance: Double, _ policy: RPCRetryPolicy) -> TimeAmount? {
        if failure.hasAnotherReplica { return .zero }
        let doubled = min(policy.delayMax, policy.delayMin * (1 << min(pauses, 20)))
        let own = doubled * (0.8 + 0.4 * chance)
        guard let asked = failure.error.retryAfter else { return TimeAmount(own) }
        return asked <= policy.retryAfterMax ? TimeAmount(max(own, asked)) : nil
    }
}

extension RPCError {
    /// The server stops: it takes no more calls, or did not finish this one in its time.
    var isOfStopping: Bool { status == .unavailable && (reason == "draining" || reason == "shutdown") }
}
