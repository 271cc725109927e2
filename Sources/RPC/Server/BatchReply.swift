import NIOCore

/// Collects the replies of one batch until all its items are answered.
///
/// Class, because the items' calls share it. Notifications among the items have no place in it.
final class BatchReply {
    private var replies: [ByteBuffer?] = []
    private var missing = 0
    /// Octets so far: the brackets, the replies, a comma for each.
    private var byteCount = bracketsBytes
    private let byteCountMax: Int
    private static let bracketsBytes = 2
    /// Octets of the replies so far.
    var heldBytes: Int { byteCount - Self.bracketsBytes }
    /// False while items are still being read, so that a quick first answer does not end the batch.
    private var isSealed = false

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Makes room for one more reply; its index.
    func reserve() -> Int {
        replies.append(nil)
        missing += 1
        return replies.count - 1
    }

    /// All items have been read. Answers the whole reply if it is complete already.
    func seal() -> ByteBuffer? {
        isSealed = true
        return completed
    }

    /// Sets one reply. Answers the whole reply if this was the last one missing.
    func set(_ index: Int, id: RPCMessageID, _ outcome: Result<ByteBuffer, RPCError>) -> ByteBuffer? {
        var reply = Self.reply(id: id, outcome)
        let isTooLong = byteCount + reply.readableBytes + 1 > byteCountMax
        if isTooLong {
            let error = RPCError.tooLong(limit: byteCountMax, length: byteCount + reply.readableBytes + 1)
            reply = Self.reply(id: id, .failure(error))
        }
        byteCount += reply.readableBytes + 1
        replies[index] = reply
        missing -= 1
        return completed
    }

    private var completed: ByteBuffer? {
        guard isSealed, missing == 0, !replies.isEmpty else { return nil }
        var whole = ByteBuffer()
        whole.reserveCapacity(byteCount)
        var separator: StaticString = "["
        for reply in replies {
            whole.writeStaticString(separator)
            whole.writeImmutableBuffer(reply!)
            separator = ","
        }
        whole.writeStaticString("]")
        return whole
    }

    private static func reply(id: RPCMessageID, _ outcome: Result<ByteBuffer, RPCError>) -> ByteBuffer {
        var reply = ByteBuffer()
        reply.writeStaticString(Envelope.headText)
        reply.writeImmutableBuffer(id.token)
        switch outcome {
        case .success(let result):
            reply.writeStaticString(Envelope.resultText)
            reply.writeImmutableBuffer(result)
        case .failure(let error):
            reply.writeStaticString(Envelope.errorText)
            reply.writeImmutableBuffer(error.json)
        }
        reply.writeStaticString(Envelope.brace)
        return reply
    }
}
