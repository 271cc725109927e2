package import HTTPFetch

/// What an answer says about further calls of its endpoint.
package struct XRateLimit: Hashable, Sendable {
    /// Calls of a window.
    package var limit: Int
    /// Calls that are left in this one.
    package var remaining: Int
    /// The second since 1970 in which the next window begins.
    package var resetAt: Int

    package init(limit: Int, remaining: Int, resetAt: Int) {
        self.limit = limit
        self.remaining = remaining
        self.resetAt = resetAt
    }

    /// Nil unless all three headers are there.
    package init?(_ response: HTTPFetchResponse) {
        func number(_ name: String) -> Int? { response.header("x-rate-limit-\(name)").flatMap { Int($0) } }
        guard let limit = number("limit"), let remaining = number("remaining"), let resetAt = number("reset") else {
            return nil
        }
        self.init(limit: limit, remaining: remaining, resetAt: resetAt)
    }
}
