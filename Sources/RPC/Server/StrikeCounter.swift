package import NIOCore

/// Counts protocol errors within the last minute.
package struct StrikeCounter {
    private var times: [NIODeadline] = []
    private let limit: Int

    /// `limit` errors within a minute are too many.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Counts an error; true when it is one too many.
    package mutating func strike(now: NIODeadline) -> Bool {
        times.removeAll { now - $0 >= .minutes(1) }
        times.append(now)
        return times.count >= limit
    }
}
