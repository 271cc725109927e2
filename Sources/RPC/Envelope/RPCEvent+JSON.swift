import JSONBytes
package import NIOCore

extension RPCEvent {
    /// The parameters of `rpc.event`; `id` comes first, so that a router may exchange it without reading on.
    package func parameters(id: RPCMessageID) -> ByteBuffer {
        var json = ByteBuffer()
        json.reserveCapacity(64 + id.token.readableBytes + data.readableBytes)
        json.writeStaticString(#"{"id":"#)
        json.writeImmutableBuffer(id.token)
        json.writeString(#","seq":\#(seq),"kind":"\#(kind.rawValue)","data":"#)
        json.writeImmutableBuffer(data)
        json.writeStaticString("}")
        return json
    }

    /// Reads the parameters of `rpc.event`; nil when they are not those.
    package static func read(_ params: ByteBuffer?) -> (id: RPCMessageID, event: RPCEvent)? {
        guard let fields = JSONFields(params), let id = fields.any("id"), let seq = fields.integer("seq"),
            let kind = fields.string("kind").flatMap(Kind.init(rawValue:)), let data = fields.any("data")
        else { return nil }
        return (RPCMessageID(token: id), RPCEvent(seq: seq, kind: kind, data: data))
    }
}
