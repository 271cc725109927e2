import NIOCore
import RPC
import Testing

@Suite struct LostCallsTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    @Test func `sixteen calls unanswered 30 s after their deadline give the connection up`() {
        var lost = LostCalls()
        for id in 1...16 { lost.expired(UInt64(id), at: start) }
        #expect(lost.nextCount == start + .seconds(30))
        let early = lost.isTooMuchLost(at: start + .seconds(30) - .nanoseconds(1))
        let due = lost.isTooMuchLost(at: start + .seconds(30))
        #expect(!early && due)
    }

    @Test func `late replies count, fifteen lost calls do not suffice, and they add up over time`() {
        var lost = LostCalls()
        for id in 1...31 { lost.expired(UInt64(id), at: start) }
        for id in 1...16 { lost.answered(UInt64(id)) }
        let fifteen = lost.isTooMuchLost(at: start + .seconds(60))
        #expect(!fifteen && lost.nextCount == nil)
        lost.expired(99, at: start + .seconds(60))
        let sixteen = lost.isTooMuchLost(at: start + .seconds(90))
        #expect(sixteen)
        lost.reset()
        let none = lost.isTooMuchLost(at: start + .seconds(999))
        #expect(!none)
    }

    @Test func `however many calls are swallowed, only so many are remembered`() {
        var lost = LostCalls()
        for id in 0..<100_000 { lost.expired(UInt64(id), at: start) }
        for id in 0..<1024 { lost.answered(UInt64(id)) }
        let isTooMuch = lost.isTooMuchLost(at: start + .seconds(30))
        #expect(!isTooMuch, "those beyond 1,024 were not counted")
    }
}
