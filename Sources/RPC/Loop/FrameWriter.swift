import NIOCore

/// Writes gathered frames to a channel once per tick of its loop. Used on that loop only.
final class FrameWriter: @unchecked Sendable {
    var outbox = FrameOutbox()
    /// The place in the pipeline to write from; nil when the channel is gone.
    var context: ChannelHandlerContext?
    /// True between a read and its completion, which flushes anyway.
    var isReading = false
    private var isScheduled = false
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Something was added: it leaves at the end of the tick, or at once when much has gathered.
    @inline(__always)
    func added() {
        if outbox.isFull { return flush() }
        guard !isReading, !isScheduled else { return }
        isScheduled = true
        eventLoop.execute {
            self.isScheduled = false
            self.flush()
        }
    }

    func flush() {
        guard let context, !outbox.isEmpty else { return }
        outbox.drain { context.write(NIOAny($0), promise: nil) }
        context.flush()
    }
}
