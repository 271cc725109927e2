/// How long to wait before the next attempt to connect: doubles with each failure, ± 20 % so that many clients of one
/// server do not come back in step.
package struct ReconnectBackoff {
    private let shortest: Duration
    private let longest: Duration
    private var failures = 0

    /// Pauses from `shortest` to `longest`.
    package init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// An attempt succeeded.
    package mutating func succeeded() {
        failures = 0
    }

    /// An attempt failed; the pause before the next one. `chance` is drawn from 0…1.
    package mutating func failed(chance: Double) -> Duration {
        let pause = min(longest, shortest * (1 << min(failures, 20)))
        failures += 1
        return pause * (0.8 + 0.4 * chance)
    }
}
