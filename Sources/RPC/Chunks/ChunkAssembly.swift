import JSONBytes
package import NIOCore

/// Messages that arrive in chunks, put together and validated as they come.
///
/// No I/O and no clock: every event answers what is to be done. Each message's octets are held once, in one piece of
/// memory that grows with what has arrived; each chunk is validated when it comes, so that no turn of the loop has more
/// than 64 KiB to look at.
///
/// Invariants: a message's credit is what its sender may still send; `byteCount` is the sum of all payloads;
/// messages stand in the order in which they began.
package struct ChunkAssembly<Head> {
    private struct Message {
        let id: RPCMessageID
        let head: Head
        var payload: ByteBuffer
        var validator: JSONValidator
        var credit: Int
        /// Chunks taken in for which no credit was given back yet.
        var owed = 0
        var lastChunk: NIODeadline
    }

    /// What a chunk leads to.
    package enum Step {
        /// Nothing to say.
        case taken
        /// The sender is to hear that so many more chunks are taken.
        case grant(Int)
        /// The message is complete: JSON, validated.
        case whole(Head, ByteBuffer)
        /// The message is forgotten; its sender is to hear why.
        case refuse(RPCError)
        /// The id of no message here: a late chunk of one given up. To be ignored.
        case unknown
    }

    /// The longest message.
    package var bytesMax: Int
    /// How much all unfinished messages may hold and be promised together; the oldest is exempt.
    private let heldBytesMax: Int
    private var messages: [Message] = []
    /// Octets of all unfinished messages.
    package private(set) var byteCount = 0

    /// No messages yet.
    package init(bytesMax: Int, heldBytesMax: Int) {
        self.bytesMax = bytesMax
        self.heldBytesMax = heldBytesMax
    }

    package var isEmpty: Bool { messages.isEmpty }
    package var count: Int { messages.count }

    /// The message that began first.
    package var oldest: RPCMessageID? { messages.first?.id }

    package func contains(_ id: RPCMessageID) -> Bool { messages.contains { $0.id == id } }

    /// The first chunk of a message whose sender may send `credit` of them.
    package mutating func begin(
        _ id: RPCMessageID, head: Head, payload: ByteBuffer, credit: Int = RPCStreamOptions.creditDefault,
        room: OctetRoom, now: NIODeadline
    ) -> Step {
        // The envelope around the payload is one level.
        let validator = JSONValidator(depthMax: RequestParser.depthMax - 1)
        // No more than has come: a message may stay at its first octet.
        let memory = LargeMemory.buffer(capacity: max(1, min(payload.readableBytes, ExtendedFrame.chunkBytesMax)))
        messages.append(
            Message(id: id, head: head, payload: memory, validator: validator, credit: credit, lastChunk: now))
        return append(to: messages.count - 1, payload, isLast: false, room: room, now: now)
    }

    /// A further chunk.
    package mutating func append(
        _ payload: ByteBuffer, to id: RPCMessageID, isLast: Bool, room: OctetRoom, now: NIODeadline
    ) -> Step {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { return .unknown }
        return append(to: index, payload, isLast: isLast, room: room, now: now)
    }

    /// The sender of a message was given more credits by somebody else; false when there is no such message.
    package mutating func granted(_ count: Int, to id: RPCMessageID) -> Bool {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { return false }
        messages[index].credit = RPCStreamOptions.sum(messages[index].credit, count)
        return true
    }

    /// Forgets everything; what the messages began with, in order.
    package mutating func removeAll() -> [Head] {
        defer {
            messages = []
            byteCount = 0
        }
        return messages.map(\.head)
    }

    /// Forgets a message; what it began with.
    package mutating func remove(_ id: RPCMessageID) -> Head? {
        messages.firstIndex { $0.id == id }.map { remove(at: $0).head }
    }

    /// Credits that may be given now though they could not be before: octets have become free, or a message has become
    /// the oldest.
    package mutating func dueGrants(room: OctetRoom, now: NIODeadline) -> [(RPCMessageID, Int)] {
        var grants: [(RPCMessageID, Int)] = []
        for index in messages.indices {
            if let count = grant(at: index, room: room, now: now) { grants.append((messages[index].id, count)) }
        }
        return grants
    }

    /// When the first message will have been without a chunk for so long though it has credit.
    package func silenceTime(after patience: TimeAmount) -> NIODeadline? {
        messages.lazy.filter { $0.credit > 0 }.map(\.lastChunk).min().map { $0 + patience }
    }

    /// Forgets the messages that had no chunk for so long though they have credit.
    package mutating func removeSilent(now: NIODeadline, after patience: TimeAmount) -> [RPCMessageID] {
        let silent = messages.filter { $0.credit > 0 && $0.lastChunk + patience <= now }.map(\.id)
        for id in silent { _ = remove(id) }
        return silent
    }

    private mutating func append(
        to index: Int, _ payload: ByteBuffer, isLast: Bool, room: OctetRoom, now: NIODeadline
    ) -> Step {
        let length = messages[index].payload.readableBytes + payload.readableBytes
        if let error = refusal(of: payload, at: index, length: length, room: room) {
            remove(at: index)
            return .refuse(error)
        }
        do throws(JSONSyntaxError) {
            try payload.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                try messages[index].validator.consume(bytes)
            }
            if isLast { try messages[index].validator.finish() }
        } catch {
            remove(at: index)
            return .refuse(.malformed("the payload is not JSON: \(error)"))
        }
        messages[index].payload.writeImmutableBuffer(payload)
        byteCount += payload.readableBytes
        if isLast {
            let message = remove(at: index)
            return .whole(message.head, message.payload)
        }
        messages[index].credit -= 1
        messages[index].owed += 1
        messages[index].lastChunk = now
        return grant(at: index, room: room, now: now).map(Step.grant) ?? .taken
    }

    private func refusal(of payload: ByteBuffer, at index: Int, length: Int, room: OctetRoom) -> RPCError? {
        if payload.readableBytes > ExtendedFrame.chunkBytesMax {
            return .tooLong(limit: ExtendedFrame.chunkBytesMax, length: payload.readableBytes)
        }
        if length > bytesMax { return .tooLong(limit: bytesMax, length: length) }
        if messages[index].credit <= 0 {
            return RPCError(.resourceExhausted, reason: "credit", "a chunk came for which no credit was given")
        }
        let isOldest = index == 0
        guard room.mayRefuse, byteCount + payload.readableBytes > min(heldBytesMax, room.bytes),
            !(isOldest && room.isOldest)
        else { return nil }
        return .overloaded("no memory is left for messages in chunks, try again later")
    }

    /// Credits go back in halves of the window: one notification for many chunks, and the sender never runs dry. What
    /// has been promised counts as taken, but for the oldest message, which always goes on.
    private mutating func grant(at index: Int, room: OctetRoom, now: NIODeadline) -> Int? {
        let count = messages[index].owed
        guard count >= Self.grantStep || messages[index].credit == 0, count > 0 else { return nil }
        let promised = messages.reduce(count) { $0 + max(0, $1.credit) } * ExtendedFrame.chunkBytesMax
        let fits = byteCount + promised <= min(heldBytesMax, room.bytes)
        guard fits || (index == 0 && room.isOldest) else { return nil }
        messages[index].owed = 0
        messages[index].credit += count
        messages[index].lastChunk = now
        return count
    }

    @discardableResult
    private mutating func remove(at index: Int) -> Message {
        byteCount -= messages[index].payload.readableBytes
        return messages.remove(at: index)
    }

    private static var grantStep: Int { RPCStreamOptions.creditDefault / 2 }
}

/// How much the budgets leave to the unfinished messages of one connection.
package struct OctetRoom {
    /// Octets they may hold together.
    package var bytes: Int
    /// True when this connection's oldest unfinished message is the oldest of the process: it may always go on.
    package var isOldest: Bool
    /// False where a message cannot be refused, because its sender has done the work for it already.
    package var mayRefuse: Bool

    package init(bytes: Int, isOldest: Bool, mayRefuse: Bool = true) {
        self.bytes = bytes
        self.isOldest = isOldest
        self.mayRefuse = mayRefuse
    }

    /// No other bound than the assembly's own.
    package static var plenty: Self { Self(bytes: .max, isOldest: true) }
}
