import NIOCore
import Testing

@testable import RPC

@Suite struct BlockReserveTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `the block that came last is used next, and no more than two are kept`() {
        var reserve = BlockReserve<Int>()
        let isKept = [1, 2, 3].map { reserve.keep($0, now: start) }
        #expect(isKept == [true, true, false])
        let (last, isNextKept) = (reserve.take(), reserve.keep(4, now: start))
        #expect(last == 2 && isNextKept)
        let taken = (1...3).map { _ in reserve.take() }
        #expect(taken == [4, 1, nil])
    }

    @Test func `a block that nobody has used for a second is given up, the others stay`() {
        var reserve = BlockReserve<Int>()
        #expect(reserve.expiry == nil)
        _ = reserve.keep(1, now: start)
        _ = reserve.keep(2, now: start + .milliseconds(400))
        #expect(reserve.expiry == start + .seconds(1))
        let early = reserve.expire(now: start + .milliseconds(999))
        let first = reserve.expire(now: start + .seconds(1))
        #expect(early == [] && first == [1])
        #expect(reserve.expiry == start + .milliseconds(1_400))
        let second = reserve.expire(now: start + .seconds(2))
        #expect(second == [2])
        #expect(reserve.expiry == nil)
    }
}
