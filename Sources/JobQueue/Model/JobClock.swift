package import Database
import Foundation
import Synchronization

/// Where the engine gets its time and its sleep from.
package struct JobClock: Sendable {
    /// The present instant.
    package let now: @Sendable () -> JobTime
    /// Returns at the instant or a little later; throws when the task is cancelled.
    package let sleep: @Sendable (_ until: JobTime) async throws -> Void
    /// How far the store's clock is from ours; nil where ours is the only one.
    private let offset: ClockOffset?

    package init(
        now: @escaping @Sendable () -> JobTime, sleep: @escaping @Sendable (_ until: JobTime) async throws -> Void
    ) {
        self.init(now: now, sleep: sleep, offset: nil)
    }

    private init(
        now: @escaping @Sendable () -> JobTime, sleep: @escaping @Sendable (_ until: JobTime) async throws -> Void,
        offset: ClockOffset?
    ) {
        self.now = now
        self.sleep = sleep
        self.offset = offset
    }

    /// The machine's wall clock. Sleeps at most a minute at a time, so a clock set forward is noticed.
    package static let system = JobClock(now: { wallTime() }) { until in try await sleep(until) { wallTime() } }

    /// The clock of a store that machines share, whose own clocks may differ: ours, moved to where it was last seen.
    package static func ofSharedStore() -> JobClock {
        let offset = ClockOffset()
        let now: @Sendable () -> JobTime = { wallTime() + offset.value }
        return JobClock(now: now, sleep: { until in try await sleep(until, now: now) }, offset: offset)
    }

    /// A clock that counts from `origin` as `clock` counts; with a manual clock time stands still until it is moved.
    package init<C: Clock>(origin: JobTime, following clock: C) where C.Duration == Duration {
        let start = clock.now
        self.init(now: { origin + start.duration(to: clock.now) }) { until in
            try await clock.sleep(until: start.advanced(by: origin.duration(to: until)), tolerance: nil)
        }
    }

    /// What is written down in a transaction: the store's own instant, where this clock follows it.
    package func now(in transaction: any Transaction) -> JobTime {
        guard offset != nil, let time = transaction.time else { return now() }
        return JobTime(milliseconds: time)
    }

    /// Moves to the store's clock, as a transaction that has just begun tells it.
    func follow(_ transaction: any Transaction) {
        guard let offset, let time = transaction.time else { return }
        offset.set(.milliseconds(time - Self.wallTime().milliseconds))
    }

    private static func sleep(_ until: JobTime, now: @Sendable () -> JobTime) async throws {
        while true {
            let time = now()
            if time >= until { return }
            try await Task.sleep(for: min(time.duration(to: until), .seconds(60)))
        }
    }

    private static func wallTime() -> JobTime {
        JobTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}

/// The distance between two clocks.
private final class ClockOffset: Sendable {
    private let milliseconds = Atomic<Int64>(0)

    var value: Duration { .milliseconds(milliseconds.load(ordering: .relaxed)) }
    func set(_ value: Duration) { milliseconds.store(value.wholeMilliseconds, ordering: .relaxed) }
}
