import NIOCore

/// Writes gathered frames to a channel once per tick of its loop. Used on that loop only.
final class FrameWriter: @unchecked Sendable {
    var outbox = FrameOutbox()
    /// The place in the pipeline to write from; nil when the channel is gone.
    var context: ChannelHandlerContext?
    /// True between a read and its completion, which flushes anyway.
    var isReading = false
    /// Numbers the writes; frames in the outbox leave with the next one.
    private(set) var writeNumber: UInt32 = 0
    /// Octets handed to the channel so far.
    private(set) var writtenBytes = 0
    /// The last write that has left this process whole; kept only by a writer that counts.
    private var leftNumber: UInt32 = 0
    private var isScheduled = false
    private let eventLoop: any EventLoop
    private let countsWhatLeft: Bool

    /// One that counts knows of every frame whether the other side can have it.
    init(eventLoop: any EventLoop, countsWhatLeft: Bool = false) {
        self.eventLoop = eventLoop
        self.countsWhatLeft = countsWhatLeft
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
        writeNumber &+= 1
        writtenBytes += outbox.byteCount
        let promise = countsWhatLeft ? self.promise(of: writeNumber, context.eventLoop) : nil
        outbox.drain { context.write(NIOAny($0), promise: $1 ? promise : nil) }
        context.flush()
    }

    /// Whether a write has left this process whole. Numbers go round; half of them are in the past.
    func hasLeft(_ number: UInt32) -> Bool { Int32(bitPattern: number &- leftNumber) <= 0 }

    private func promise(of number: UInt32, _ eventLoop: any EventLoop) -> EventLoopPromise<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.leftNumber = number }
        return promise
    }
}
