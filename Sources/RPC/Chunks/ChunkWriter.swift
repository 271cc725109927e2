import NIOCore

/// Writes the chunks of a connection's long messages between its other frames. Used on the connection's loop only.
///
/// One chunk at a time is on its way to the socket, and the loop looks at its sockets before the next one: a small
/// frame waits behind one chunk, however long the message is.
final class ChunkWriter<Owner: Sendable>: @unchecked Sendable {
    private(set) var queue = ChunkQueue<Owner>()
    /// Since when the socket has not taken the last chunk.
    private(set) var blockedSince: NIODeadline?
    private let writer: FrameWriter
    private let eventLoop: any EventLoop
    /// Told when a message's last chunk was written.
    var finished: (Owner) -> Void = { _ in }
    /// Told when something begins to wait, for a credit or for the socket: there is a time to look after it.
    var waits: () -> Void = {}
    private var isBusy = false

    /// Long enough that the loop polls its sockets in between; a task that is due at once would run before that.
    private static var pause: TimeAmount { .microseconds(20) }

    init(writer: FrameWriter, eventLoop: any EventLoop) {
        self.writer = writer
        self.eventLoop = eventLoop
    }

    var isEmpty: Bool { queue.isEmpty }
    /// Octets that have not left.
    var byteCount: Int { queue.byteCount }

    /// Sends a message: its envelope in `head`, its payload in chunks.
    func send(id: RPCMessageID, head: ByteBuffer, payload: ByteBuffer, credit: Int, owner: Owner) {
        queue.add(id: id, head: head, payload: payload, credit: credit, owner: owner, now: eventLoop.now)
        pump()
        waits()
    }

    /// The receiver takes more; false when there is no such message.
    func grant(_ count: Int, to id: RPCMessageID) -> Bool {
        guard queue.grant(count, to: id) else { return false }
        pump()
        return true
    }

    func remove(_ id: RPCMessageID) -> Owner? { queue.remove(id) }

    func removeAll() -> [Owner] { queue.removeAll() }

    func removeStalled(now: NIODeadline, after patience: TimeAmount) -> [(RPCMessageID, Owner)] {
        queue.removeStalled(now: now, after: patience)
    }

    /// The socket takes what is before the last chunk: that one has its time from now on.
    func goesOn() {
        if blockedSince != nil { blockedSince = eventLoop.now }
    }

    private func pump() {
        guard !isBusy, let context = writer.context, let chunk = queue.next(now: eventLoop.now) else { return }
        isBusy = true
        blockedSince = eventLoop.now
        writer.outbox.append(chunk)
        writer.flush()
        // Completes when everything before it has been taken by the socket.
        context.writeAndFlush(NIOAny(ByteBuffer())).assumeIsolated().whenComplete { _ in self.written() }
        if let owner = chunk.finished { finished(owner) }
        waits()
    }

    private func written() {
        blockedSince = nil
        guard !queue.isEmpty else {
            isBusy = false
            return
        }
        eventLoop.scheduleTask(in: Self.pause) {
            self.isBusy = false
            self.pump()
        }
    }
}

extension FrameOutbox {
    /// One chunk of a message.
    mutating func append<Owner>(_ chunk: ChunkQueue<Owner>.Chunk) {
        let flags: ExtendedFrame.Flags = chunk.finished == nil ? .more : []
        guard let head = chunk.head else {
            return appendChunk(id: chunk.id, content: nil, payload: chunk.payload, flags: flags)
        }
        let length = ExtendedFrame.prologueBytes + head.readableBytes + chunk.payload.readableBytes
        append(ExtendedFrame.lengthBit | UInt32(length))
        append(ExtendedFrame.messageType)
        append(flags.rawValue)
        append(UInt16(head.readableBytes))
        append(head)
        append(chunk.payload)
    }
}
