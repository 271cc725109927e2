import NIOCore
import RPC
import Testing

@Suite struct DrainStateTests {
    private let ackDeadline = NIODeadline.uptimeNanoseconds(1_000)

    @Test func `who agreed to be told is told once and served until it has heard`() {
        var state = DrainState()
        #expect(begin(&state, isPlain: false, peerHears: true))
        #expect(state.takesCall(isLong: false))
        #expect(!state.takesCall(isLong: true))
        #expect(!state.mayClose)
        #expect(!begin(&state, isPlain: false, peerHears: true))
        state.acknowledged()
        #expect(!state.takesCall(isLong: false))
        #expect(state.mayClose)
        #expect(state.deadline == nil)
    }

    @Test func `who does not answer has had its time`() {
        var state = DrainState()
        _ = begin(&state, isPlain: false, peerHears: true)
        #expect(state.deadline == ackDeadline)
        state.timePassed(now: ackDeadline - .nanoseconds(1))
        #expect(!state.mayClose)
        state.timePassed(now: ackDeadline)
        #expect(state.mayClose)
        #expect(!state.takesCall(isLong: false))
    }

    @Test func `who never agreed to it is refused at once`() {
        var state = DrainState()
        #expect(!begin(&state, isPlain: false, peerHears: false))
        #expect(!state.takesCall(isLong: false))
        #expect(state.mayClose)
    }

    @Test func `what a plain peer has sent is served, long calls too`() {
        var state = DrainState()
        #expect(!begin(&state, isPlain: true, peerHears: false))
        #expect(state.takesCall(isLong: true))
        #expect(state.mayClose)
    }

    @Test func `hello among what a plain peer had sent makes it one that is told`() {
        var state = DrainState()
        _ = begin(&state, isPlain: true, peerHears: false)
        #expect(begin(&state, isPlain: false, peerHears: true))
        #expect(!state.mayClose)
    }

    @Test func `an answer nobody asked for changes nothing`() {
        var state = DrainState()
        state.acknowledged()
        state.timePassed(now: .distantFuture)
        #expect(state.takesCall(isLong: true))
        #expect(!state.mayClose)
    }

    private func begin(_ state: inout DrainState, isPlain: Bool, peerHears: Bool) -> Bool {
        state.begin(isPlain: isPlain, peerHears: peerHears, ackDeadline: ackDeadline)
    }
}
