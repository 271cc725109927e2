import NIOCore

/// The parameters of `rpc.credit`, which both sides send: so many more chunks or items of a call are taken.
struct RPCCredit {
    var id: RPCMessageID
    var count: Int

    /// Nil when the parameters are others.
    init?(json: ByteBuffer?) {
        guard let fields = JSONFields(json), let id = fields.any("id").map(RPCMessageID.init(token:)),
            let count = fields.integer("n"), count > 0
        else { return nil }
        self.id = id
        self.count = min(count, RPCStreamOptions.creditMax)
    }
}

extension FrameOutbox {
    /// The notification; `id` comes first.
    mutating func appendCredit(_ count: Int, id: RPCMessageID) {
        var params = ByteBuffer(string: #"{"id":"#)
        params.writeImmutableBuffer(id.token)
        params.writeString(#","n":\#(count)}"#)
        appendRequest(id: nil, method: "rpc.credit", meta: nil, params: params)
    }
}

extension Envelope {
    /// A request without its parameters, as the header of an x-frame. The id is a token; the method needs no escapes.
    static func head(id: String, method: String, meta: ByteBuffer?) -> ByteBuffer {
        var head = ByteBuffer()
        head.writeStaticString(headText)
        head.writeString(id)
        head.writeStaticString(comma)
        head.writeStaticString(methodText)
        head.writeString(method)
        head.writeStaticString(quote)
        if let meta {
            head.writeStaticString(metaText)
            head.writeImmutableBuffer(meta)
        }
        head.writeStaticString(brace)
        return head
    }
}
