/// What decides a job's next state: no store, no clock.
///
/// Invariants:
/// - a terminal job never changes;
/// - the fence never shrinks, and grows with every claim and whenever an execution loses its right to write;
/// - from `cancelling` the only way leads to `cancelled`, whatever the execution reports;
/// - rescue, park and give-back do not cost an attempt.
package struct JobMachine: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// The last dependency has ended; due at once or not yet.
        case unblocked(isDue: Bool)
        /// Its instant has come.
        case due
        case claimed
        case succeeded
        /// Finally, whatever the attempts.
        case failed
        /// This attempt failed.
        case attemptFailed(attemptsMax: Int)
        case parked
        case cancelRequested
        /// The execution ended because it was asked to, and has no outcome.
        case stopped
        /// The execution did not end in time after it was asked to; it loses its right to write.
        case graceOver
        /// The process died under it.
        case rescued(RescuePolicy, rescuesMax: Int)
    }

    package private(set) var state: JobState
    package private(set) var attempt: Int
    package private(set) var fence: JobFence
    /// Rescues since the last durable progress.
    package private(set) var rescues: Int

    package init(state: JobState, attempt: Int = 0, fence: JobFence = JobFence(rawValue: 0), rescues: Int = 0) {
        self.state = state
        self.attempt = attempt
        self.fence = fence
        self.rescues = rescues
    }

    /// Takes the event.
    ///
    /// - Returns: False when the event has no place in this state; nothing has changed then.
    package mutating func apply(_ event: Event) -> Bool {
        switch (state, event) {
        case (.blocked, .unblocked(let isDue)):
            state = isDue ? .ready : .scheduled
        case (.scheduled, .due):
            state = .ready
        case (.blocked, .cancelRequested), (.scheduled, .cancelRequested), (.ready, .cancelRequested):
            state = .cancelled
        case (.ready, .claimed):
            state = .running
            attempt += 1
            fence = fence.next
        case (.running, let event):
            return applyWhileRunning(event)
        case (.cancelling, let event):
            return applyWhileCancelling(event)
        default:
            return false
        }
        return true
    }

    private mutating func applyWhileRunning(_ event: Event) -> Bool {
        switch event {
        case .succeeded: state = .succeeded
        case .failed: state = .failed
        case .attemptFailed(let attemptsMax): state = attempt < attemptsMax ? .scheduled : .failed
        case .parked: giveBack(to: .scheduled)
        case .stopped: giveBack(to: .ready)
        case .cancelRequested: state = .cancelling
        case .rescued(let policy, let rescuesMax): rescue(policy, rescuesMax: rescuesMax)
        case .graceOver:
            fence = fence.next
            giveBack(to: .ready)
        case .unblocked, .due, .claimed: return false
        }
        return true
    }

    private mutating func applyWhileCancelling(_ event: Event) -> Bool {
        switch event {
        case .succeeded, .failed, .attemptFailed, .parked, .stopped:
            state = .cancelled
        case .graceOver, .rescued:
            state = .cancelled
            fence = fence.next
        case .unblocked, .due, .claimed, .cancelRequested:
            return false
        }
        return true
    }

    private mutating func giveBack(to next: JobState) {
        state = next
        attempt -= 1
    }

    private mutating func rescue(_ policy: RescuePolicy, rescuesMax: Int) {
        fence = fence.next
        rescues += 1
        if case .fail = policy {
            state = .failed
        } else if rescues >= rescuesMax {
            state = .failed
        } else {
            giveBack(to: .ready)
        }
    }
}
