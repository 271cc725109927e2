package import NIOCore

/// Lets at most ten progress reports a second through; of those in between only the newest is kept.
package struct ProgressThrottle {
    private var quietUntil: NIODeadline?
    private var latest: ByteBuffer?

    /// The time between two reports.
    package static let interval = TimeAmount.milliseconds(100)

    package enum Decision: Equatable {
        case send
        /// Kept; ask `due` at that time.
        case hold(until: NIODeadline)
    }

    /// Nothing reported yet.
    package init() {}

    /// A new report.
    package mutating func offer(_ report: ByteBuffer, now: NIODeadline) -> Decision {
        guard let quietUntil, now < quietUntil else {
            self.quietUntil = now + Self.interval
            latest = nil
            return .send
        }
        latest = report
        return .hold(until: quietUntil)
    }

    /// When a kept report may be sent.
    package var dueTime: NIODeadline? { latest == nil ? nil : quietUntil }

    /// The kept report, if its time has come.
    package mutating func due(now: NIODeadline) -> ByteBuffer? {
        guard let time = dueTime, now >= time else { return nil }
        quietUntil = now + Self.interval
        return flush()
    }

    /// The kept report, whether its time has come or not: the call is about to end.
    package mutating func flush() -> ByteBuffer? {
        defer { latest = nil }
        return latest
    }
}
