/// When a page is tried again: exponential with full jitter, and never before the source allows it.
package struct RetrySchedule: Sendable, Equatable {
    /// Tries of one page, the first included.
    package var triesMax = 5
    package var delayFirst: Duration = .milliseconds(200)
    package var delayMax: Duration = .seconds(10)
    /// Longest `Retry-After` that is waited for; a source that asks for more fails the export.
    package var retryAfterMax: Duration = .seconds(300)

    package init() {}

    /// The pause after the given try failed (1 = the first), anywhere between nothing and the full delay, so that
    /// pages that failed together do not come back together.
    package func delay(
        afterTry number: Int, retryAfter: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(max(number - 1, 0), 20)
        let full = min(delayMax, delayFirst * (1 << doublings))
        let jittered = full * Double.random(in: 0...1, using: &generator)
        return max(jittered, retryAfter ?? .zero)
    }
}
