import Foundation

/// Where the engine gets its time and its sleep from.
package struct JobClock: Sendable {
    /// The present instant.
    package let now: @Sendable () -> JobTime
    /// Returns at the instant or a little later; throws when the task is cancelled.
    package let sleep: @Sendable (_ until: JobTime) async throws -> Void

    package init(
        now: @escaping @Sendable () -> JobTime, sleep: @escaping @Sendable (_ until: JobTime) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's wall clock. Sleeps at most a minute at a time, so a clock set forward is noticed.
    package static let system = JobClock(now: { wallTime() }) { until in
        while true {
            let now = wallTime()
            if now >= until { return }
            try await Task.sleep(for: min(now.duration(to: until), .seconds(60)))
        }
    }

    /// A clock that counts from `origin` as `clock` counts; with a manual clock time stands still until it is moved.
    package init<C: Clock>(origin: JobTime, following clock: C) where C.Duration == Duration {
        let start = clock.now
        self.init(now: { origin + start.duration(to: clock.now) }) { until in
            try await clock.sleep(until: start.advanced(by: origin.duration(to: until)), tolerance: nil)
        }
    }

    private static func wallTime() -> JobTime {
        JobTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
