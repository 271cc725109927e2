package import NIOCore

/// Messages on their way out in chunks: one chunk of each in turn, as far as their receiver gives credits.
///
/// No I/O and no clock: the connection asks for the next chunk when it has room for one. A message's octets are held
/// once; chunks are views of them.
///
/// Invariants: a message's `starvedSince` is set exactly while it has no credit; `byteCount` is the sum of what is left of
/// all messages.
package struct ChunkQueue<Owner> {
    private struct Message {
        let id: RPCMessageID
        let owner: Owner
        /// The header of the first chunk; nil once that has left.
        var head: ByteBuffer?
        var rest: ByteBuffer
        var credit: Int
        var starvedSince: NIODeadline?
    }

    /// One chunk, ready to be written.
    package struct Chunk {
        package var id: RPCMessageID
        /// Nil: the header is the id and nothing else.
        package var head: ByteBuffer?
        package var payload: ByteBuffer
        /// Set with the last chunk.
        package var finished: Owner?
    }

    /// In the order in which they are served; the one whose turn it is stands first.
    private var messages = CircularBuffer<Message>()
    /// Octets that have not left.
    package private(set) var byteCount = 0

    /// Nothing to send.
    package init() {}

    package var isEmpty: Bool { messages.isEmpty }

    /// Adds a message. `head` is the whole envelope without the payload.
    package mutating func add(
        id: RPCMessageID, head: ByteBuffer, payload: ByteBuffer, credit: Int, owner: Owner, now: NIODeadline
    ) {
        byteCount += payload.readableBytes
        messages.append(
            Message(
                id: id, owner: owner, head: head, rest: payload, credit: min(credit, RPCStreamOptions.creditMax),
                starvedSince: credit > 0 ? nil : now))
    }

    /// The next chunk there is credit for; its message then waits behind the others.
    package mutating func next(now: NIODeadline) -> Chunk? {
        for _ in 0..<messages.count {
            var message = messages.removeFirst()
            guard message.credit > 0 else {
                messages.append(message)
                continue
            }
            let count = min(ExtendedFrame.chunkBytesMax, message.rest.readableBytes)
            var chunk = Chunk(id: message.id, head: message.head, payload: message.rest.readSlice(length: count)!)
            message.head = nil
            message.credit -= 1
            byteCount -= count
            if message.rest.readableBytes == 0 {
                chunk.finished = message.owner
            } else {
                if message.credit == 0 { message.starvedSince = now }
                messages.append(message)
            }
            return chunk
        }
        return nil
    }

    /// True when a chunk could leave.
    package var hasChunk: Bool { messages.contains { $0.credit > 0 } }

    /// The receiver takes more chunks of a message; false when there is no such message.
    package mutating func grant(_ count: Int, to id: RPCMessageID) -> Bool {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { return false }
        messages[index].credit = RPCStreamOptions.sum(messages[index].credit, count)
        if messages[index].credit > 0 { messages[index].starvedSince = nil }
        return true
    }

    /// Gives a message up; whose it was.
    package mutating func remove(_ id: RPCMessageID) -> Owner? {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { return nil }
        let message = messages.remove(at: index)
        byteCount -= message.rest.readableBytes
        return message.owner
    }

    /// Gives everything up.
    package mutating func removeAll() -> [Owner] {
        defer {
            messages.removeAll()
            byteCount = 0
        }
        return messages.map(\.owner)
    }

    /// When the first message will have waited for a credit for so long.
    package func stallTime(after patience: TimeAmount) -> NIODeadline? {
        messages.compactMap(\.starvedSince).min().map { $0 + patience }
    }

    /// Gives up the messages that have waited for a credit for so long.
    package mutating func removeStalled(now: NIODeadline, after patience: TimeAmount) -> [(RPCMessageID, Owner)] {
        var stalled: [(RPCMessageID, Owner)] = []
        messages.removeAll { message in
            guard let since = message.starvedSince, since + patience <= now else { return false }
            stalled.append((message.id, message.owner))
            byteCount -= message.rest.readableBytes
            return true
        }
        return stalled
    }
}
