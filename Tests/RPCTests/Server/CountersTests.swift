import NIOCore
import RPC
import Testing

@Suite struct StrikeCounterTests {
    @Test func `the tenth mistake within a minute is one too many`() {
        var counter = StrikeCounter(limit: 10)
        for second in 0..<9 { #expect(counter.strike(now: at(second)) == false) }
        #expect(counter.strike(now: at(59)) == true)
    }

    @Test func `mistakes older than a minute are forgiven`() {
        var counter = StrikeCounter(limit: 2)
        #expect(counter.strike(now: at(0)) == false)
        #expect(counter.strike(now: at(60)) == false)
        #expect(counter.strike(now: at(61)) == true)
    }
}

@Suite struct StreamCreditTests {
    @Test func `pieces go out as credits come, in order`() {
        var credit = StreamCredit<Int>(credit: 1)
        #expect(credit.offer(1, now: at(0)) == true)
        #expect(credit.offer(2, now: at(1)) == false)
        #expect(credit.offer(3, now: at(2)) == false)
        #expect(credit.starvedSince == at(1))
        credit.grant(1)
        #expect(credit.next() == 2)
        #expect(credit.next() == nil)
        #expect(credit.starvedSince == at(1))
        credit.grant(5)
        #expect(credit.next() == 3)
        #expect(credit.starvedSince == nil)
        #expect(credit.offer(4, now: at(3)) == true)
    }

    @Test func `what waits when it is given up is told so`() {
        var credit = StreamCredit<Int>(credit: 0)
        _ = credit.offer(1, now: at(0))
        _ = credit.offer(2, now: at(0))
        #expect(credit.removeAll() == [1, 2])
        #expect(credit.starvedSince == nil)
    }

    @Test func `credits beyond measure do not overflow`() {
        var credit = StreamCredit<Int>(credit: .max)
        credit.grant(.max)
        credit.grant(-5)
        #expect(credit.offer(1, now: at(0)) == true)
    }
}

@Suite struct ProgressThrottleTests {
    @Test func `the first report goes at once, of the next only the newest`() {
        var throttle = ProgressThrottle()
        #expect(throttle.offer(report(1), now: milliseconds(0)) == .send)
        #expect(throttle.offer(report(2), now: milliseconds(10)) == .hold(until: milliseconds(100)))
        #expect(throttle.offer(report(3), now: milliseconds(20)) == .hold(until: milliseconds(100)))
        #expect(throttle.due(now: milliseconds(99)) == nil)
        #expect(throttle.due(now: milliseconds(100)) == report(3))
        #expect(throttle.dueTime == nil)
        #expect(throttle.offer(report(4), now: milliseconds(150)) == .hold(until: milliseconds(200)))
        #expect(throttle.flush() == report(4))
        #expect(throttle.flush() == nil)
    }

    private func report(_ number: Int) -> ByteBuffer { ByteBuffer(integer: number) }
}

@Suite struct ReconnectBackoffTests {
    @Test func `pauses double up to the longest and begin anew after a success`() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(100), longest: .seconds(1))
        let pauses = (0..<6).map { _ in backoff.failed(chance: 0.5) }
        #expect(pauses == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        backoff.succeeded()
        #expect(backoff.failed(chance: 0) <= .milliseconds(81))
        #expect(backoff.failed(chance: 1) >= .milliseconds(239))
    }
}

@Suite struct PendingCallsTests {
    @Test func `a number is never used twice, its place is`() throws {
        var calls = PendingCalls<String>()
        let first = calls.insert("a")
        let second = calls.insert("b")
        #expect(calls[first] == "a")
        #expect(calls.remove(first) == "a")
        #expect(calls.remove(first) == nil)
        let third = calls.insert("c")
        #expect(third != first)
        #expect(calls[first] == nil)
        #expect(calls[third] == "c")
        #expect(Set(calls.ids) == [second, third])
        #expect(calls.count == 2)
    }

    @Test func `numbers nobody gave out find nothing`() {
        let calls = PendingCalls<String>()
        for id in [0, 1, 65536, UInt64.max] { #expect(calls[id] == nil) }
    }
}

private func at(_ seconds: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }

private func milliseconds(_ count: Int) -> NIODeadline { .uptimeNanoseconds(UInt64(count) * 1_000_000) }
