import Testing
import XAPI

@testable import ScrapeService

/// What a window lets pass, step by step.
@Suite struct RateWindowTests {
    private func told(_ remaining: Int, of limit: Int = 5) -> XRateLimit {
        XRateLimit(limit: limit, remaining: remaining, resetAt: 0)
    }

    /// Which of so many calls at once may pass; true for the first of a window.
    private func take(_ count: Int, _ window: inout RateWindow, now: Int) -> [Bool?] {
        (0..<count).map { _ in
            guard case .call(let isFirst) = window.take(now: now) else { return nil }
            return isFirst
        }
    }

    @Test func ofAnUnknownWindowOneCallIsMade() {
        var window = RateWindow()
        #expect(take(3, &window, now: 10) == [true, nil, nil])
        window.learn(told(4), resetAt: 20)
        _ = window.answered()
        #expect(take(6, &window, now: 10) == [false, false, false, false, nil, nil])
        guard case .until(20) = window.take(now: 11) else { return #expect(Bool(false), "expected a wait until 20") }
    }

    @Test func theNextWindowHoldsAsManyUntilItIsToldOtherwise() {
        var window = RateWindow()
        _ = take(1, &window, now: 10)
        window.learn(told(0), resetAt: 20)
        _ = window.answered()
        #expect(take(6, &window, now: 20) == [true, false, false, false, false, nil])
        guard case .afterAnswer = window.take(now: 20) else { return #expect(Bool(false), "expected a wait") }
        // Somebody else has made two calls.
        window.learn(told(2), resetAt: 30)
        guard case .until(30) = window.take(now: 21) else { return #expect(Bool(false), "expected a wait until 30") }
        // Words of the window before, that come late, change nothing.
        window.learn(told(5), resetAt: 20)
        guard case .until(30) = window.take(now: 21) else { return #expect(Bool(false), "expected a wait until 30") }
    }

    @Test func anApiThatSaysNothingIsAskedAtWill() {
        var window = RateWindow()
        #expect(take(2, &window, now: 10) == [true, nil])
        _ = window.answered()
        #expect(take(3, &window, now: 10) == [true, true, true])
        window.close(until: 70)
        #expect(take(1, &window, now: 69) == [nil])
        #expect(take(2, &window, now: 70) == [true, nil])
    }

    /// All calls of a window ended without a word of it: nobody may wait for ever.
    @Test func callsWithoutAnswersLeaveTheWindowAsItWas() {
        var window = RateWindow()
        _ = take(1, &window, now: 10)
        window.learn(told(0, of: 2), resetAt: 20)
        _ = window.answered()
        #expect(take(3, &window, now: 20) == [true, false, nil])
        _ = window.answered()
        _ = window.answered()
        #expect(take(3, &window, now: 20) == [false, false, nil])
    }
}
