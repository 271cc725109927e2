import RPC
import Testing

@Suite struct AdmissionQueueTests {
    private var limits: RPCLimits {
        var limits = RPCLimits()
        limits.plainInFlightMax = 2
        limits.plainWaitingMax = 2
        limits.plainWaitingBytesMax = 100
        return limits
    }

    @Test func `a plain peer's surplus waits in order, then its frames do`() {
        var queue = AdmissionQueue<Int>(limits: limits)
        #expect(queue.admit() == .run)
        #expect(queue.admit() == .run)
        #expect(queue.admit() == .wait)
        queue.enqueue(3, bytes: 10)
        #expect(queue.takesFrames)
        #expect(queue.admit() == .wait)
        queue.enqueue(4, bytes: 10)
        #expect(!queue.takesFrames)
        #expect(queue.next() == nil)
        queue.ended()
        #expect(queue.next() == 3)
        #expect(queue.takesFrames)
        queue.ended()
        #expect(queue.next() == 4)
        #expect(queue.next() == nil)
        queue.ended()
        queue.ended()
        #expect(queue.isIdle)
    }

    @Test func `few large calls stop the frames as many small ones do`() {
        var queue = AdmissionQueue<Int>(limits: limits)
        _ = queue.admit()
        _ = queue.admit()
        queue.enqueue(3, bytes: 100)
        #expect(!queue.takesFrames)
        _ = queue.removeFirst { $0 == 3 }
        #expect(queue.takesFrames)
    }

    @Test func `nobody overtakes what waits`() {
        var queue = AdmissionQueue<Int>(limits: limits)
        _ = queue.admit()
        _ = queue.admit()
        queue.enqueue(3, bytes: 1)
        queue.ended()
        #expect(queue.admit() == .wait)
    }

    @Test func `a negotiated peer's surplus is refused and its frames are always taken`() {
        var queue = AdmissionQueue<Int>(limits: limits)
        queue.negotiated(inFlightMax: 1)
        #expect(queue.admit() == .run)
        #expect(queue.admit() == .refuse)
        #expect(queue.takesFrames)
    }
}
