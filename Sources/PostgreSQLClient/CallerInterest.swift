import Synchronization

/// Whether a caller of a pool still waits for its answer; when it goes away, its statement is cancelled.
///
/// Invariant: a connection's canceller is rung only between `begins` and `ends`, so never for somebody else's statement.
final class CallerInterest: Sendable {
    private enum State {
        /// For its turn. Exits: to `served`, or `gone`.
        case waiting
        /// Exit: `ends`, to `over`; also when it has gone away.
        case served(PostgreSQLCanceller, isGone: Bool)
        case over
        /// Before its turn came.
        case gone
    }

    private let state = Mutex(State.waiting)

    /// Its turn has come; false when it has gone away.
    func begins(on canceller: PostgreSQLCanceller) -> Bool {
        state.withLock { state in
            guard case .waiting = state else { return false }
            state = .served(canceller, isGone: false)
            return true
        }
    }

    /// It has been served; true when it has gone away meanwhile.
    func ends() -> Bool {
        state.withLock { state in
            guard case .served(let canceller, let isGone) = state else { return false }
            if isGone { canceller.reset() }
            state = .over
            return isGone
        }
    }

    /// It no longer waits.
    func leaves() {
        state.withLock { state in
            switch state {
            case .waiting: state = .gone
            case .served(let canceller, _):
                state = .served(canceller, isGone: true)
                canceller.cancel()
            case .over, .gone: break
            }
        }
    }
}
