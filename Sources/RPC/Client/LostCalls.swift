package import NIOCore

/// Calls whose time is over and whose reply has still not come. A server that swallows calls is left: behind a dead
/// process or a broken stranger, nothing else would ever end the connection.
///
/// A call unanswered `grace` after its deadline is lost; a connection with `lostMax` of them is given up. Invariant:
/// `order` holds every id of `overdue` once, the earliest first, and at most `trackedMax` ids.
package struct LostCalls {
    /// How long after its deadline a call may still be answered.
    package static let grace = TimeAmount.seconds(30)
    /// Lost calls after which a connection is given up.
    package static let lostMax = 16
    /// Calls that are watched at once.
    private static let trackedMax = 1024

    private var overdue: Set<UInt64> = []
    private var order = CircularBuffer<(id: UInt64, lostAt: NIODeadline)>()
    private var lostCount = 0

    package init() {}

    /// A call that was sent has ended by its deadline.
    package mutating func expired(_ id: UInt64, at now: NIODeadline) {
        guard order.count < Self.trackedMax else { return }
        overdue.insert(id)
        order.append((id, now + Self.grace))
    }

    /// A reply came that nobody waits for any more.
    package mutating func answered(_ id: UInt64) {
        overdue.remove(id)
    }

    /// Counts what is lost by now; true: the connection is to be given up.
    package mutating func isTooMuchLost(at now: NIODeadline) -> Bool {
        while let first = order.first, first.lostAt <= now {
            order.removeFirst()
            if overdue.remove(first.id) != nil { lostCount += 1 }
        }
        return lostCount >= Self.lostMax
    }

    /// When to count again.
    package var nextCount: NIODeadline? { order.first?.lostAt }

    /// The connection is another one.
    package mutating func reset() {
        self = LostCalls()
    }
}
