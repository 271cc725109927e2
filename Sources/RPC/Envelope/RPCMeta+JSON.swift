import JSONBytes
package import NIOCore

extension RPCMeta {
    /// Reads a request's `meta`, an object already validated; unknown members and wrong kinds are ignored.
    package init(json: ByteBuffer) {
        self.init()
        json.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachMember(of: bytes) { key, range in
                let value = JSONScanner.slice(bytes, range)
                switch JSONScanner.text(JSONScanner.slice(bytes, key)) {
                case "timeout_ms":
                    if let count = JSONScanner.integer(value), count >= 0 { timeout = .milliseconds(count) }
                case "traceparent": traceparent = Self.text(value)
                case "request_id": requestID = Self.text(value)
                case "idem": idem = Self.text(value)
                case "attempt": attempt = JSONScanner.integer(value)
                case "principal": principal = JSONScanner.kind(of: value) == .object ? json.slice(range) : nil
                case "plain": callerIsPlain = JSONScanner.kind(of: value) == .true
                case "http": http = RPCHTTPInfo(json: json.slice(range))
                case "stream": stream = RPCStreamOptions(json: json.slice(range))
                default: break
                }
                return true
            }
        }
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String? {
        JSONScanner.kind(of: value) == .string ? JSONScanner.string(value) : nil
    }

    /// The object a request carries; nil when there is nothing to say.
    package var json: ByteBuffer? {
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        if let timeout { writer.member("timeout_ms", timeout.wholeMilliseconds) }
        if let traceparent { writer.member("traceparent", traceparent) }
        if let requestID { writer.member("request_id", requestID) }
        if let idem { writer.member("idem", idem) }
        if let attempt { writer.member("attempt", attempt) }
        if let stream { stream.write(to: &writer) }
        if let principal {
            writer.key("principal")
            writer.raw(principal.readableBytesView)
        }
        if callerIsPlain {
            writer.key("plain")
            writer.bool(true)
        }
        if let http { http.write(to: &writer) }
        writer.endObject()
        return writer.bytes.count > 2 ? ByteBuffer(bytes: writer.bytes) : nil
    }
}

extension RPCStreamOptions {
    init?(json: ByteBuffer) {
        guard let fields = JSONFields(json) else { return nil }
        let after = fields.integer("after").flatMap { (0...Self.afterMax).contains($0) ? $0 : nil }
        self.init(credit: max(0, fields.integer("credit") ?? Self.creditDefault), after: after)
    }

    func write(to writer: inout JSONWriter) {
        writer.key("stream")
        writer.beginObject()
        writer.member("credit", credit)
        if let after { writer.member("after", after) }
        writer.endObject()
    }
}

extension RPCHTTPInfo {
    init?(json: ByteBuffer) {
        guard let fields = JSONFields(json) else { return nil }
        self.init(
            facade: fields.string("facade") ?? "", method: fields.string("method") ?? "",
            path: fields.string("path") ?? "", base: fields.string("base") ?? "", ip: fields.string("ip") ?? "",
            range: fields.string("range"), ifRange: fields.string("if_range"),
            ifNoneMatch: fields.string("if_none_match"), head: fields.bool("head") ?? false)
    }

    func write(to writer: inout JSONWriter) {
        writer.key("http")
        writer.beginObject()
        writer.member("facade", facade)
        writer.member("method", method)
        writer.member("path", path)
        writer.member("base", base)
        writer.member("ip", ip)
        if let range { writer.member("range", range) }
        if let ifRange { writer.member("if_range", ifRange) }
        if let ifNoneMatch { writer.member("if_none_match", ifNoneMatch) }
        if head {
            writer.key("head")
            writer.bool(true)
        }
        writer.endObject()
    }
}
