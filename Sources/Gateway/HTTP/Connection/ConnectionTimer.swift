import NIOCore

/// One timer of a connection, moved lazily: a deadline that only ever moves back costs nothing per request.
///
/// It fires at the earliest moment it was armed for; whoever it calls looks at the clock and arms it again.
final class ConnectionTimer: NIOScheduledCallbackHandler {
    private let eventLoop: any EventLoop
    private let fired: () -> Void
    private var scheduled: NIOScheduledCallback?
    private var scheduledFor = NIODeadline.distantFuture

    init(eventLoop: any EventLoop, fired: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.fired = fired
    }

    /// Makes sure it fires at this moment or before.
    func arm(_ deadline: NIODeadline) {
        guard deadline < scheduledFor else { return }
        scheduled?.cancel()
        scheduledFor = deadline
        scheduled = try? eventLoop.assumeIsolated().scheduleCallback(at: deadline, handler: self)
    }

    func cancel() {
        scheduled?.cancel()
        scheduled = nil
        scheduledFor = .distantFuture
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduled = nil
        scheduledFor = .distantFuture
        fired()
    }
}
