/// How often and how late a failed attempt is repeated.
package struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first one included.
    package var attemptsMax: Int
    /// The wait after the first failure; it doubles with every further one.
    package var backoffFirst: Duration
    package var backoffMax: Duration

    package init(attemptsMax: Int, backoffFirst: Duration = .seconds(1), backoffMax: Duration = .seconds(3600)) {
        self.attemptsMax = max(attemptsMax, 1)
        self.backoffFirst = backoffFirst
        self.backoffMax = backoffMax
    }

    /// One attempt, whatever happens.
    package static let never = RetryPolicy(attemptsMax: 1)

    /// The wait after the given attempt failed.
    ///
    /// - Parameter random: 0 ..< 1. The wait is between half and the whole of the doubled time, so that jobs that
    ///   failed together do not come back together.
    func backoff(afterAttempt attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 40)
        let first = Double(backoffFirst.wholeMilliseconds)
        let limit = Double(backoffMax.wholeMilliseconds)
        let whole = min(first * Double(UInt64(1) << UInt64(doublings)), limit)
        return .milliseconds(Int64(whole * (0.5 + random / 2)))
    }
}
