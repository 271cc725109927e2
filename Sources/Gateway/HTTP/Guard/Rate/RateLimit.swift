package import NIOCore

/// How often one caller may call a façade, such as `100/s`: so many in a period, spread evenly, some of them at once.
package struct RateLimit: Sendable, Hashable {
    /// Calls in one period.
    package var count: Int
    /// What `count` is counted in.
    package var period: TimeAmount
    /// Calls that may come at once after a silence.
    package var burst: Int

    /// - Parameter burst: nil: a whole period's calls.
    package init(count: Int, per period: TimeAmount, burst: Int? = nil) {
        (self.count, self.period) = (count, period)
        self.burst = max(1, burst ?? count)
    }

    /// Reads `100/s`, `60/m` or `1000/h`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let periods: [Substring: TimeAmount] = ["s": .seconds(1), "m": .minutes(1), "h": .hours(1)]
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count),
            let period = periods[parts[1]]
        else { return nil }
        self.init(count: count, per: period)
    }

    /// From one call to the next of a caller that never waits longer than it has to.
    var interval: TimeAmount { .nanoseconds(period.nanoseconds / Int64(count)) }
}
