import NIOCore

/// The token buckets of many callers, without a clock and within a bound.
///
/// A bucket is one moment: when it will be full again (the generic cell rate algorithm). Buckets live in two
/// generations of half the bound each. A caller is kept in the younger one; when that is full the older is forgotten.
/// So whoever calls is remembered, whoever has been silent while half the bound of others came is not, and nothing has to
/// be swept.
struct CallerRates {
    private let limit: RateLimit
    private let generationMax: Int
    private var young: [String: NIODeadline] = [:]
    private var old: [String: NIODeadline] = [:]

    /// `callersMax` bounds the buckets.
    init(limit: RateLimit, callersMax: Int) {
        self.limit = limit
        generationMax = max(1, callersMax / 2)
    }

    /// Takes one call of a caller: nil when it may go on, else how long until it may.
    mutating func take(_ caller: String, now: NIODeadline) -> TimeAmount? {
        let full = max(now, young[caller] ?? old[caller] ?? now)
        let allowance = TimeAmount.nanoseconds(limit.interval.nanoseconds * Int64(limit.burst - 1))
        let wait = full - now - allowance
        if wait > .nanoseconds(0) { return wait }
        if young.count >= generationMax, young[caller] == nil {
            old = young
            young = [:]
        }
        young[caller] = full + limit.interval
        return nil
    }

    /// Buckets held.
    var count: Int { young.count + old.count }
}
