package import NIOCore

/// Writes messages as frames into an outbox: fixed octets, the id as it came, the payload as it is.
extension FrameOutbox {
    /// `{"jsonrpc":"2.0","id":…,"result":…}`
    package mutating func appendReply(id: RPCMessageID, result: ByteBuffer) {
        append(UInt32(Envelope.head + id.token.readableBytes + Envelope.result + result.readableBytes + 1))
        append(Envelope.headText)
        append(id.token)
        append(Envelope.resultText)
        append(result)
        append(Envelope.brace)
    }

    /// `{"jsonrpc":"2.0","id":…,"meta":…,"result":…}`, or with `error`: the rare reply that carries more than its outcome.
    package mutating func appendReply(id: RPCMessageID, meta: ByteBuffer, _ outcome: Result<ByteBuffer, RPCError>) {
        let (name, value) =
            switch outcome {
            case .success(let result): (Envelope.resultText, result)
            case .failure(let error): (Envelope.errorText, error.json)
            }
        let length = Envelope.head + id.token.readableBytes + Envelope.meta + meta.readableBytes
        append(UInt32(length + name.utf8CodeUnitCount + value.readableBytes + 1))
        append(Envelope.headText)
        append(id.token)
        append(Envelope.metaText)
        append(meta)
        append(name)
        append(value)
        append(Envelope.brace)
    }

    /// `{"jsonrpc":"2.0","id":…,"error":…}`
    package mutating func appendReply(id: RPCMessageID, error: ByteBuffer) {
        append(UInt32(Envelope.head + id.token.readableBytes + Envelope.error + error.readableBytes + 1))
        append(Envelope.headText)
        append(id.token)
        append(Envelope.errorText)
        append(error)
        append(Envelope.brace)
    }

    /// `{"jsonrpc":"2.0","id":…,"method":"…","meta":…,"params":…}`. The id is a token; the method needs no escapes.
    package mutating func appendRequest(
        id: String?, method: String, meta: [UInt8]?, params: ByteBuffer?
    ) {
        var length = Envelope.version + method.utf8.count + Envelope.method + 2
        if let id { length += Envelope.id + id.utf8.count + 1 }
        if let meta { length += Envelope.meta + meta.count }
        if let params { length += Envelope.params + params.readableBytes }
        append(UInt32(length))
        append(Envelope.versionText)
        if let id {
            append(Envelope.idText)
            append(id)
            append(Envelope.comma)
        }
        append(Envelope.methodText)
        append(method)
        append(Envelope.quote)
        if let meta {
            append(Envelope.metaText)
            append(meta)
        }
        if let params {
            append(Envelope.paramsText)
            append(params)
        }
        append(Envelope.brace)
    }

    /// Any JSON as a plain frame.
    package mutating func appendPlain(_ json: ByteBuffer) {
        append(UInt32(json.readableBytes))
        append(json)
    }

    /// One chunk of a byte stream.
    package mutating func appendChunk(
        id: RPCMessageID, content: ByteBuffer?, payload: ByteBuffer, flags: ExtendedFrame.Flags
    ) {
        var header = Envelope.head + id.token.readableBytes + 1
        if let content { header += Envelope.content + content.readableBytes }
        append(ExtendedFrame.lengthBit | UInt32(ExtendedFrame.prologueBytes + header + payload.readableBytes))
        append(ExtendedFrame.messageType)
        append(flags.rawValue)
        append(UInt16(header))
        append(Envelope.headText)
        append(id.token)
        if let content {
            append(Envelope.contentText)
            append(content)
        }
        append(Envelope.brace)
        append(payload)
    }
}

/// The fixed octets of an envelope, and their lengths.
enum Envelope {
    static let headText: StaticString = #"{"jsonrpc":"2.0","id":"#
    static let resultText: StaticString = #","result":"#
    static let errorText: StaticString = #","error":"#
    static let versionText: StaticString = #"{"jsonrpc":"2.0","#
    static let idText: StaticString = #""id":"#
    static let methodText: StaticString = #""method":""#
    static let metaText: StaticString = #","meta":"#
    static let paramsText: StaticString = #","params":"#
    static let contentText: StaticString = #","content":"#
    static let comma: StaticString = ","
    static let quote: StaticString = "\""
    static let brace: StaticString = "}"

    static let head = headText.utf8CodeUnitCount
    static let result = resultText.utf8CodeUnitCount
    static let error = errorText.utf8CodeUnitCount
    static let version = versionText.utf8CodeUnitCount
    static let id = idText.utf8CodeUnitCount
    static let method = methodText.utf8CodeUnitCount
    static let meta = metaText.utf8CodeUnitCount
    static let params = paramsText.utf8CodeUnitCount
    static let content = contentText.utf8CodeUnitCount
}
