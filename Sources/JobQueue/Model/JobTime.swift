import Database

/// An instant in whole milliseconds since 1970, UTC.
///
/// Made by the engine's clock and stored as an integer, never by a client, so that instants can be compared.
package struct JobTime: Hashable, Comparable, Sendable, RawRepresentable, DatabaseValueConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(milliseconds: Int64) { rawValue = milliseconds }

    package var milliseconds: Int64 { rawValue }

    package static func < (lhs: JobTime, rhs: JobTime) -> Bool { lhs.rawValue < rhs.rawValue }

    package static func + (time: JobTime, duration: Duration) -> JobTime {
        JobTime(rawValue: time.rawValue + duration.wholeMilliseconds)
    }

    package static func - (time: JobTime, duration: Duration) -> JobTime {
        JobTime(rawValue: time.rawValue - duration.wholeMilliseconds)
    }

    package func duration(to later: JobTime) -> Duration { .milliseconds(later.rawValue - rawValue) }
}

extension Duration {
    /// Rounded up, so that nothing fires a fraction of a millisecond early.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let rest = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return seconds * 1000 + rest
    }
}
