import NIOCore

/// Decides which calls of a connection run, which wait and which are refused.
///
/// Plain peers know nothing of refusals: their surplus waits in order, up to a bound at which reading stops. Negotiated
/// peers are always read, so their surplus is refused.
///
/// Invariants: `running` ≤ the limit; calls wait only while the limit is reached.
package struct AdmissionQueue<Call> {
    package enum Decision: Equatable { case run, wait, refuse }

    private let limits: RPCLimits
    /// Calls that may run at the same time.
    package private(set) var runningMax: Int
    private var isNegotiated = false
    private var waiting = CircularBuffer<(call: Call, bytes: Int)>()
    /// Octets of the calls that wait.
    package private(set) var waitingBytes = 0
    package private(set) var running = 0

    /// A queue for a plain peer.
    package init(limits: RPCLimits) {
        self.limits = limits
        runningMax = limits.plainInFlightMax
    }

    /// Hello has been agreed on.
    package mutating func negotiated(inFlightMax: Int) {
        isNegotiated = true
        runningMax = inFlightMax
    }

    /// Nothing runs and nothing waits.
    package var isIdle: Bool { running == 0 && waiting.isEmpty }

    /// False when so much waits that no further frame should be read.
    package var takesFrames: Bool {
        isNegotiated || (waiting.count < limits.plainWaitingMax && waitingBytes < limits.plainWaitingBytesMax)
    }

    /// Asks for a place; `wait` is to be followed by `enqueue`, `run` by `ended`.
    @inline(__always)
    package mutating func admit() -> Decision {
        if running < runningMax && waiting.isEmpty {
            running += 1
            return .run
        }
        return isNegotiated ? .refuse : .wait
    }

    /// Lets a call wait.
    package mutating func enqueue(_ call: Call, bytes: Int) {
        waiting.append((call, bytes))
        waitingBytes += bytes
    }

    /// A running call has ended.
    @inline(__always)
    package mutating func ended() {
        running -= 1
    }

    /// The call that waited longest, if there is a place for it now; it counts as running from here on.
    package mutating func next() -> Call? {
        guard running < runningMax, let first = waiting.popFirst() else { return nil }
        running += 1
        waitingBytes -= first.bytes
        return first.call
    }

    /// Takes a waiting call out, such as one cancelled before it began.
    package mutating func removeFirst(where matches: (Call) -> Bool) -> Call? {
        guard let index = waiting.firstIndex(where: { matches($0.call) }) else { return nil }
        let removed = waiting.remove(at: index)
        waitingBytes -= removed.bytes
        return removed.call
    }

    /// Takes out everything that waits, in order.
    package mutating func takeAllWaiting() -> [Call] {
        defer {
            waiting.removeAll()
            waitingBytes = 0
        }
        return waiting.map(\.call)
    }
}
