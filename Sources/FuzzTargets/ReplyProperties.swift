import JSONBytes
import NIOCore
import RPC

extension FuzzTarget {
    /// What a client does with the octets of a plain frame.
    static let replies = FuzzTarget(name: "replies") { octets throws(BrokenProperty) in
        let message = ReplyParser.parse(octets.buffer)
        let scanned = ReplyParser.parse(([UInt8(ascii: " ")] + octets).buffer)
        try require(Summary(message) == Summary(scanned), "with a space in front, another message")
        let long = LongFrame(octets)
        let checked = ReplyParser.parse(long.message, checked: long.check)
        try require(Summary(message) == Summary(checked), "checked as it comes, another message")
        switch message {
        case .success(let id, let result, let meta):
            try checkID(id)
            try require(jsonValue(result.octets) != nil, "the result is no JSON")
            try require(Summary(reply(id, meta, .success(result))) == Summary(message), "written again, another reply")
        case .failure(let id, let error, let meta):
            try checkID(id)
            let again = reply(id, meta, .failure(error))
            try require(Summary(again) == Summary(message), "written again, another error: \(error)")
        case .notification(let request): try checkRequest(request)
        case .invalid: break
        }
    }
}

/// What must be the same of two messages.
private enum Summary: Equatable {
    case success(RPCMessageID, result: ByteBuffer, meta: ByteBuffer?)
    case failure(RPCMessageID, error: ByteBuffer, meta: ByteBuffer?)
    case notification(RequestEnvelope)
    case invalid

    init(_ message: ReplyMessage) {
        switch message {
        case .success(let id, let result, let meta): self = .success(id, result: result, meta: meta)
        case .failure(let id, let error, let meta): self = .failure(id, error: error.json, meta: meta)
        case .notification(let request): self = .notification(request)
        case .invalid: self = .invalid
        }
    }
}

/// The reply as a server writes it, read again.
private func reply(_ id: RPCMessageID, _ meta: ByteBuffer?, _ outcome: Result<ByteBuffer, RPCError>) -> ReplyMessage {
    var outbox = FrameOutbox()
    switch (meta, outcome) {
    case (let meta?, _): outbox.appendReply(id: id, meta: meta, outcome)
    case (nil, .success(let result)): outbox.appendReply(id: id, result: result)
    case (nil, .failure(let error)): outbox.appendReply(id: id, error: error.json)
    }
    var reader = FrameReader(frameBytesMax: 8 * 1024 * 1024)
    outbox.drain { piece, _ in reader.append(piece) }
    guard case .plain(let frame)? = reader.next() else { return .invalid("no frame") }
    return ReplyParser.parse(frame)
}
