import NIOCore
import RPC
import Testing

@Suite struct KeepAliveTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000)

    @Test func `silence is asked about, more silence is the end`() {
        var keepAlive = keepAlive()
        #expect(keepAlive.dueTime == start + .seconds(10))
        #expect(keepAlive.timePassed(now: start + .seconds(10)) == .ping)
        #expect(keepAlive.dueTime == start + .seconds(20))
        #expect(keepAlive.timePassed(now: start + .seconds(20)) == .giveUp)
    }

    @Test func `looking early does nothing`() {
        var keepAlive = keepAlive()
        #expect(keepAlive.timePassed(now: start + .seconds(9)) == .wait)
        _ = keepAlive.timePassed(now: start + .seconds(10))
        #expect(keepAlive.timePassed(now: start + .seconds(19)) == .wait)
    }

    @Test func `whatever is heard puts it off`() {
        var keepAlive = keepAlive()
        keepAlive.heard(now: start + .seconds(6))
        #expect(keepAlive.timePassed(now: start + .seconds(10)) == .wait)
        #expect(keepAlive.timePassed(now: start + .seconds(16)) == .ping)
        keepAlive.heard(now: start + .seconds(17))
        #expect(keepAlive.timePassed(now: start + .seconds(26)) == .wait)
        #expect(keepAlive.timePassed(now: start + .seconds(27)) == .ping)
    }

    private func keepAlive() -> KeepAlive {
        var keepAlive = KeepAlive(quietMax: .seconds(10))
        keepAlive.heard(now: start)
        return keepAlive
    }
}
