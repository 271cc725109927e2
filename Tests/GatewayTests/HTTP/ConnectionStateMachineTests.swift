import NIOCore
import Testing

@testable import Gateway

/// The connection's decisions, without sockets and with a clock of the test's own.
struct ConnectionStateMachineTests {
    private let start = NIODeadline.uptimeNanoseconds(0)

    private func machine(_ change: (inout HTTPLimits) -> Void = { _ in }) -> HTTPConnectionStateMachine {
        var limits = HTTPLimits()
        change(&limits)
        return HTTPConnectionStateMachine(limits: limits, now: start)
    }

    @Test("a request and its answer leave the connection as it was")
    func cycle() {
        var machine = machine()
        machine.headReceived(keepAlive: true, now: start)
        machine.admitted(bodyLimit: 10)
        #expect(machine.bodyReceived(10, now: start) == .collect)
        #expect(!machine.mustQueue)
        #expect(machine.endReceived(now: start) == .answer)
        #expect(machine.mustQueue && !machine.isLastAnswer)
        #expect(machine.answerWritten(now: start) == .next)
        #expect(machine.state == .idle)
    }

    @Test("a body is collected up to its limit and refused beyond it")
    func bodyLimit() {
        var machine = machine()
        machine.headReceived(keepAlive: true, now: start)
        machine.admitted(bodyLimit: 10)
        #expect(machine.bodyReceived(11, now: start) == .refuse(limit: 10))
        machine.answerEarlyUnlessComplete()
        #expect(machine.isLastAnswer)
        #expect(machine.bodyReceived(1, now: start) == .drop)
        #expect(machine.endReceived(now: start) == .ignore)
        #expect(machine.answerWritten(now: start) == .linger)
    }

    @Test(
        "a refusal waits for a short body and not for a long or an unsent one",
        arguments: [
            (MessageFraming.none, false, true), (.length(65_536), false, true), (.length(65_537), false, false),
            (.length(1), true, false), (.chunked, false, true),
        ])
    func refusals(framing: MessageFraming, expectsContinue: Bool, waits: Bool) {
        var machine = machine()
        machine.headReceived(keepAlive: true, now: start)
        #expect(machine.refused(framing, expectsContinue: expectsContinue) == waits)
        #expect(machine.isKeptAlive == waits)
    }

    @Test("each state ends when its time is over")
    func deadlines() {
        var idle = machine()
        #expect(idle.timerFired(now: start + .seconds(59), sent: 0, waiting: 0) == .none)
        #expect(idle.timerFired(now: start + .seconds(60), sent: 0, waiting: 0) == .close)

        var head = machine()
        #expect(head.octetsReceived(5, now: start) == .none)
        #expect(head.deadline == start + .seconds(10))
        #expect(head.octetsReceived(5, now: start + .seconds(9)) == .none)
        #expect(head.timerFired(now: start + .seconds(10), sent: 0, waiting: 0) == .refuse(.headerTime))

        var body = machine()
        body.headReceived(keepAlive: true, now: start)
        body.admitted(bodyLimit: 1 << 20)
        #expect(body.bodyReceived(655_360, now: start) == .collect)
        #expect(body.deadline == start + .seconds(40))
        #expect(body.timerFired(now: start + .seconds(40), sent: 0, waiting: 0) == .refuse(.bodyTime))

        var lingering = machine()
        lingering.headReceived(keepAlive: false, now: start)
        #expect(lingering.endReceived(now: start) == .answer)
        #expect(lingering.answerWritten(now: start) == .linger)
        #expect(lingering.timerFired(now: start + .seconds(1), sent: 0, waiting: 0) == .close)
    }

    @Test("an answer on its way is cut only when nothing of it is taken")
    func stall() {
        var machine = machine()
        machine.headReceived(keepAlive: true, now: start)
        _ = machine.endReceived(now: start)
        #expect(machine.timerFired(now: start + .seconds(60), sent: 0, waiting: 0) == .none)
        #expect(machine.timerFired(now: start + .seconds(120), sent: 100, waiting: 900) == .none)
        #expect(machine.timerFired(now: start + .seconds(180), sent: 200, waiting: 800) == .none)
        #expect(machine.timerFired(now: start + .seconds(240), sent: 200, waiting: 800) == .reset)
        #expect(machine.state == .closed)
    }

    @Test("a client that takes nothing of an answer has to, before it counts as idle")
    func stallBetweenRequests() {
        var deaf = machine()
        deaf.headReceived(keepAlive: true, now: start)
        _ = deaf.endReceived(now: start)
        #expect(deaf.answerWritten(now: start, isStalling: true) == .next)
        var slow = deaf
        #expect(deaf.timerFired(now: start + .seconds(60), sent: 100, waiting: 900) == .none)
        #expect(deaf.timerFired(now: start + .seconds(120), sent: 100, waiting: 900) == .reset)
        slow.caughtUp(now: start + .seconds(50))
        #expect(slow.timerFired(now: start + .seconds(60), sent: 1000, waiting: 0) == .none)
        #expect(slow.timerFired(now: start + .seconds(110), sent: 1000, waiting: 0) == .close)
    }

    @Test("octets that lead nowhere are counted")
    func octets() {
        var head = machine()
        #expect(head.octetsReceived(16_384, now: start) == .none)
        #expect(head.octetsReceived(1, now: start) == .refuse(.headerOctets))

        var body = machine()
        body.headReceived(keepAlive: true, now: start)
        body.admitted(bodyLimit: 100)
        #expect(body.bodyReceived(10, now: start) == .collect)
        #expect(body.octetsReceived(10 + 16_384 + 80, now: start) == .none)
        #expect(body.octetsReceived(1, now: start) == .refuse(.bodyOverhead))

        var lingering = machine()
        lingering.headReceived(keepAlive: false, now: start)
        _ = lingering.endReceived(now: start)
        _ = lingering.answerWritten(now: start)
        #expect(lingering.octetsReceived(1 << 20, now: start) == .none)
        #expect(lingering.octetsReceived(1, now: start) == .close)
    }

    @Test("what is not http is refused, behind the answer under way")
    func malformed() {
        var idle = machine()
        #expect(idle.parsingFailed() == .refuse)
        #expect(idle.isLastAnswer)
        #expect(idle.parsingFailed() == .close)

        var busy = machine()
        busy.headReceived(keepAlive: true, now: start)
        _ = busy.endReceived(now: start)
        #expect(busy.parsingFailed() == .queue)
        #expect(busy.answerWritten(now: start) == .next)
        #expect(busy.parsingFailed() == .refuse)
    }

    @Test("a stop closes what is idle and lets the rest answer once more")
    func drain() {
        var idle = machine()
        let isClosed = idle.drain()
        #expect(isClosed)
        #expect(idle.state == .closed)
        var busy = machine()
        busy.headReceived(keepAlive: true, now: start)
        let isClosedAtOnce = busy.drain()
        #expect(!isClosedAtOnce)
        #expect(busy.endReceived(now: start) == .answer)
        #expect(busy.isLastAnswer)
        #expect(busy.answerWritten(now: start) == .linger)
    }
}
