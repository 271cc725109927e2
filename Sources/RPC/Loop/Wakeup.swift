import NIOCore

/// One timer for everything a connection waits for.
///
/// It only ever moves to an earlier time; when it fires, its owner looks at what is really due and arms it anew. So a
/// deadline per call costs a comparison, not a timer.
struct Wakeup {
    private var armedFor: NIODeadline?
    private var timer: Scheduled<Void>?

    /// True when the timer would come too late for that time.
    @inline(__always)
    func needsArming(for time: NIODeadline) -> Bool {
        guard let armedFor else { return true }
        return time < armedFor
    }

    /// Sees to it that `fire` is called at that time.
    mutating func arm(at time: NIODeadline, on eventLoop: any EventLoop, _ fire: @escaping @Sendable () -> Void) {
        timer?.cancel()
        armedFor = time
        timer = eventLoop.scheduleTask(deadline: time, fire)
    }

    /// The timer has fired.
    mutating func fired() {
        armedFor = nil
        timer = nil
    }

    mutating func cancel() {
        timer?.cancel()
        fired()
    }
}
