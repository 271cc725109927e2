import JSONBytes
import NIOCore
import RPC

extension FuzzTarget {
    /// What a server does with the octets of a plain frame.
    static let requests = FuzzTarget(name: "requests") { octets throws(BrokenProperty) in
        let message = RequestParser.parse(octets.buffer)
        try checkBothWays(octets, message)
        switch message {
        case .single(let request):
            try checkRequest(request)
            try checkRepeatedID(request.id)
        case .batch(let items):
            try require((1...RequestParser.batchItemsMax).contains(items.count), "a batch of \(items.count) items")
            let values = jsonValue(octets)?.elements ?? []
            try require(items.map { jsonValue($0.octets) } == values, "the batch's items are not its elements")
            for item in items {
                if case .single(let request) = RequestParser.parseValidated(item) { try checkRequest(request) }
            }
        case .invalid(let error, let id):
            try require(error.code == RPCError.parseError || jsonValue(octets) != nil, "not JSON, but \(error)")
            try checkRepeatedID(id)
        }
    }

    /// What a server does with an x-frame: a header, an octet 0, and the payload.
    static let extended = FuzzTarget(name: "extended") { octets throws(BrokenProperty) in
        let parts = octets.cut(at: 0, parts: 2)
        let payload = parts.count > 1 ? parts[1] : []
        let plain = plainFrame(header: parts[0], payload: payload).map { RequestParser.parse($0.buffer) }
        switch ChunkHeader(parts[0].buffer) {
        case .further: break
        case .invalid(let error, _):
            if case .single? = plain { throw BrokenProperty("with the payload inserted, a request, but \(error)") }
        case .request(let head):
            try checkRequest(head)
            guard let plain else { return }
            // Whitespace around the payload stays in an x-frame and falls away in a plain one.
            let joined = RequestParser.parse(head, params: trimmed(payload).buffer, checked: nil)
            // A payload that goes on after its value may have any meaning as part of a plain frame but that of a request.
            if jsonValue(payload) == nil, case .invalid = joined, case .invalid = plain { return }
            try checkSame(joined, plain, "with the payload inserted, another message")
        }
    }
}

/// The way for what we write ourselves and the way for everything else lead to the same message.
private func checkBothWays(_ octets: [UInt8], _ message: RequestMessage) throws(BrokenProperty) {
    let scanned = RequestParser.parse(([UInt8(ascii: " ")] + octets).buffer)
    try checkSame(message, scanned, "with a space in front, another message")
    let long = LongFrame(octets)
    try checkSame(
        message, RequestParser.parse(long.message, checked: long.check), "checked as it comes, another message")
    guard case .object? = jsonValue(octets) else { return }
    try checkSame(message, RequestParser.parseValidated(octets.buffer), "known to be JSON, another message")
}

private func checkSame(_ one: RequestMessage, _ other: RequestMessage, _ property: String) throws(BrokenProperty) {
    let isSame =
        switch (one, other) {
        case (.single(let one), .single(let other)): one == other
        case (.batch(let one), .batch(let other)): one == other
        case (.invalid(let one, let id), .invalid(let other, let otherID)): one.code == other.code && id == otherID
        default: false
        }
    try require(isSame, "\(property): \(one), \(other)")
}

/// What is taken is what the wire allows, and written again it is the same.
func checkRequest(_ request: RequestEnvelope) throws(BrokenProperty) {
    if let params = request.params {
        let value = jsonValue(params.octets)
        try require(value?.members != nil || value?.elements != nil, "params are no object and no array")
    }
    if let meta = request.meta {
        try require(jsonValue(meta.octets)?.members != nil, "meta is no object")
        try require(meta.readableBytes <= RPCMeta.bytesMax, "meta of \(meta.readableBytes) octets")
    }
    if let id = request.id { try checkID(id) }
    guard case .single(let again) = RequestParser.parse(written(request).buffer), again == request else {
        throw BrokenProperty("written again, '\(request.method)' is another request")
    }
}

private func written(_ request: RequestEnvelope) -> [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key("jsonrpc")
    writer.string("2.0")
    if let id = request.id {
        writer.key("id")
        writer.raw(id.token.readableBytesView)
    }
    writer.key("method")
    writer.string(request.method)
    for (name, value) in [("meta", request.meta), ("params", request.params)] {
        guard let value else { continue }
        writer.key(name)
        writer.raw(value.readableBytesView)
    }
    writer.endObject()
    return writer.bytes
}

/// An id is a short string, a number or null.
func checkID(_ id: RPCMessageID) throws(BrokenProperty) {
    try require(id.token.readableBytes <= RPCMessageID.bytesMax, "an id of \(id.token.readableBytes) octets")
    switch jsonValue(id.token.octets) {
    case .string, .number, .null: break
    default: throw BrokenProperty("\(id) is no id")
    }
}

/// The reply to a call has the id's octets.
private func checkRepeatedID(_ id: RPCMessageID?) throws(BrokenProperty) {
    guard let id else { return }
    try checkID(id)
    var outbox = FrameOutbox()
    outbox.appendReply(id: id, result: ByteBuffer(string: "19"))
    var reader = FrameReader(frameBytesMax: 1024)
    outbox.drain { piece, _ in reader.append(piece) }
    guard case .plain(let reply)? = reader.next(), case .success(let repeated, _, _) = ReplyParser.parse(reply) else {
        throw BrokenProperty("the reply to \(id) is no reply")
    }
    try require(repeated == id, "\(id) is answered as \(repeated)")
}

/// The plain frame that means the same as an x-frame; nil where the x-frame is wrong for a reason of its own.
private func plainFrame(header: [UInt8], payload: [UInt8]) -> [UInt8]? {
    guard let end = header.lastIndex(of: UInt8(ascii: "}")), let members = jsonValue(header)?.members else {
        return nil
    }
    // A header says nothing of params, not even null.
    if payload.isEmpty || members.contains(where: { $0.key == "params" }) { return payload.isEmpty ? header : nil }
    return header[..<end] + Array(members.isEmpty ? #""params":"#.utf8 : #","params":"#.utf8) + payload + header[end...]
}

private func trimmed(_ octets: [UInt8]) -> [UInt8] {
    let value = octets[octets.withUnsafeBytes { JSONScanner.trimmed($0) }]
    return value.isEmpty ? octets : Array(value)
}
