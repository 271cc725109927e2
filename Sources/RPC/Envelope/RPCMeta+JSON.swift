import Glibc
import JSONBytes
package import NIOCore

extension RPCMeta {
    /// Reads a request's `meta`, an object already validated; unknown members and wrong kinds are ignored.
    package init(json: ByteBuffer) {
        self.init()
        json.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachMember(of: bytes) { key, range in
                if let name = Name(JSONScanner.slice(bytes, key)) {
                    set(name, JSONScanner.slice(bytes, range), range, of: json)
                }
                return true
            }
        }
    }

    private mutating func set(
        _ name: Name, _ value: UnsafeRawBufferPointer, _ range: Range<Int>, of json: ByteBuffer
    ) {
        switch name {
        case .timeout: if let count = JSONScanner.integer(value), count >= 0 { timeout = .milliseconds(count) }
        case .traceparent: traceparent = Self.text(value)
        case .requestID: requestID = Self.text(value)
        case .idem: idem = Self.text(value)
        case .attempt: attempt = JSONScanner.integer(value).flatMap { (1...Self.attemptMax).contains($0) ? $0 : nil }
        case .principal: principal = JSONScanner.kind(of: value) == .object ? json.slice(range) : nil
        case .plain: callerIsPlain = JSONScanner.kind(of: value) == .true
        case .http: if JSONScanner.kind(of: value) == .object { setHTTP(json: json.slice(range)) }
        case .stream: stream = RPCStreamOptions(json: json.slice(range))
        }
    }

    /// The members that mean something.
    private enum Name: String {
        case timeout = "timeout_ms"
        case requestID = "request_id"
        case traceparent, idem, attempt, principal, plain, http, stream

        /// Found by its length and octets; only a name written with escapes has to be decoded.
        init?(_ key: UnsafeRawBufferPointer) {
            switch key.count {
            case 4 where key.isEqual("http"): self = .http
            case 4 where key.isEqual("idem"): self = .idem
            case 5 where key.isEqual("plain"): self = .plain
            case 6 where key.isEqual("stream"): self = .stream
            case 7 where key.isEqual("attempt"): self = .attempt
            case 9 where key.isEqual("principal"): self = .principal
            case 10 where key.isEqual("timeout_ms"): self = .timeout
            case 10 where key.isEqual("request_id"): self = .requestID
            case 11 where key.isEqual("traceparent"): self = .traceparent
            default:
                guard key.contains(UInt8(ascii: "\\")) else { return nil }
                self.init(rawValue: JSONScanner.text(key))
            }
        }
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> String? {
        JSONScanner.kind(of: value) == .string ? JSONScanner.string(value) : nil
    }

    /// The object a request carries; nil when there is nothing to say.
    package var json: ByteBuffer? {
        var writer = JSONWriter(reservingCapacity: 256)
        return write(to: &writer) ? ByteBuffer(bytes: writer.bytes) : nil
    }

    /// Writes the object a request carries into a writer that has nothing else; false when it says nothing.
    func write(to writer: inout JSONWriter) -> Bool {
        writer.beginObject()
        if let timeout { writer.member(fixed: "timeout_ms", timeout.wholeMilliseconds) }
        if let traceparent { writer.member(fixed: "traceparent", traceparent) }
        if let requestID { writer.member(fixed: "request_id", requestID) }
        if let idem { writer.member(fixed: "idem", idem) }
        if let attempt { writer.member(fixed: "attempt", attempt) }
        if let stream { stream.write(to: &writer) }
        if let principal {
            writer.key(fixed: "principal")
            writer.raw(principal.readableBytesView)
        }
        if callerIsPlain {
            writer.key(fixed: "plain")
            writer.bool(true)
        }
        if let http { http.write(to: &writer) }
        writer.endObject()
        return writer.bytes.count > 2
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these are the octets of a fixed text, and there are any.
    fileprivate func isEqual(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }
}

extension RPCStreamOptions {
    init?(json: ByteBuffer) {
        guard let fields = JSONFields(json) else { return nil }
        let after = fields.integer("after").flatMap { (0...Self.afterMax).contains($0) ? $0 : nil }
        let credit = fields.integer("credit") ?? Self.creditDefault
        self.init(credit: min(max(0, credit), Self.creditMax), after: after)
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
        writer.key(fixed: "http")
        writer.beginObject()
        writer.member(fixed: "facade", facade)
        writer.member(fixed: "method", method)
        writer.member(fixed: "path", path)
        writer.member(fixed: "base", base)
        writer.member(fixed: "ip", ip)
        if let range { writer.member(fixed: "range", range) }
        if let ifRange { writer.member(fixed: "if_range", ifRange) }
        if let ifNoneMatch { writer.member(fixed: "if_none_match", ifNoneMatch) }
        if head {
            writer.key(fixed: "head")
            writer.bool(true)
        }
        writer.endObject()
    }
}
