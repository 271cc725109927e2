import NIOCore

/// One timer for everything a connection waits for.
///
/// It only ever moves to an earlier time; when it fires, its owner looks at what is really due and arms it anew. So a
/// deadline per call costs a comparison, not a timer.
struct Wakeup {
    private var armedFor: NIODeadline?
    private var timer: Scheduled<Void>?

    /// Makes sure that `fire` is called at that time or earlier.
    @inline(__always)
    mutating func arm(at time: NIODeadline, on eventLoop: any EventLoop, _ fire: @escaping @Sendable () -> Void) {
        if let armedFor, armedFor <= time { return }
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
