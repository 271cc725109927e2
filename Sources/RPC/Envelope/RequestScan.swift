import JSONBytes
import NIOCore

/// Finds the members of a request in any order, with any whitespace and escapes, and refuses what is no request.
enum RequestScan {
    static func request(in message: ByteBuffer) throws(EnvelopeFault) -> RequestEnvelope {
        guard message.withUnsafeReadableBytes({ JSONScanner.kind(of: $0) }) == .object else {
            throw EnvelopeFault(error: .notARequest("expected an object"), id: .null)
        }
        return try request(with: try EnvelopeMembers(of: message))
    }

    static func request(with members: EnvelopeMembers) throws(EnvelopeFault) -> RequestEnvelope {
        let id = try members.checkedID()
        func fault(_ text: String) -> EnvelopeFault { EnvelopeFault(error: .notARequest(text), id: id ?? .null) }
        guard members.version else { throw fault(#"expected "jsonrpc": "2.0""#) }
        guard let name = members.method, kind(of: name) == .string else {
            throw fault("expected a string as method")
        }
        let params = members.params.flatMap { kind(of: $0) == .null ? nil : $0 }
        if let params, kind(of: params) != .object, kind(of: params) != .array {
            throw fault("expected an object or an array as params")
        }
        let meta = members.meta.flatMap { kind(of: $0) == .object ? $0 : nil }
        if let meta, meta.readableBytes > RPCMeta.bytesMax {
            throw fault("meta of \(meta.readableBytes) octets exceeds the limit of \(RPCMeta.bytesMax)")
        }
        let method = name.withUnsafeReadableBytes { JSONScanner.string($0) }
        return RequestEnvelope(id: id, method: method, params: params, meta: meta)
    }

    static func kind(of value: ByteBuffer) -> JSONKind {
        value.withUnsafeReadableBytes { JSONScanner.kind(of: $0) }
    }
}

/// The members JSON-RPC and we reserve, as slices; others are ignored.
struct EnvelopeMembers {
    private(set) var version = false
    private(set) var id: ByteBuffer?
    private(set) var method: ByteBuffer?
    private(set) var params: ByteBuffer?
    private(set) var meta: ByteBuffer?
    private(set) var result: ByteBuffer?
    private(set) var error: ByteBuffer?

    /// A reserved name that stands twice is refused, because two readers could disagree on which of them counts.
    init(of message: ByteBuffer) throws(EnvelopeFault) {
        var found = EnvelopeRanges()
        message.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachMember(of: bytes) { key, range in found.add(JSONScanner.slice(bytes, key), range) }
        }
        try self.init(of: message, found)
    }

    /// Those of a message whose members have been found already.
    init(of message: ByteBuffer, _ found: EnvelopeRanges) throws(EnvelopeFault) {
        if let repeated = found.repeated {
            throw EnvelopeFault(error: .notARequest("the member '\(repeated)' stands twice"), id: .null)
        }
        for (name, range) in found.ranges { set(name, message.slice(range)) }
    }

    /// The id if it may serve as one: a string, a number or null.
    func checkedID() throws(EnvelopeFault) -> RPCMessageID? {
        guard let id else { return nil }
        switch RequestScan.kind(of: id) {
        case .string, .number, .null: break
        default:
            throw EnvelopeFault(error: .notARequest("expected a string, a number or null as id"), id: .null)
        }
        guard id.readableBytes <= RPCMessageID.bytesMax else {
            let text = "an id of \(id.readableBytes) octets exceeds the limit of \(RPCMessageID.bytesMax)"
            throw EnvelopeFault(error: .notARequest(text), id: .null)
        }
        return RPCMessageID(token: id)
    }

    private mutating func set(_ name: EnvelopeRanges.Name, _ value: ByteBuffer) {
        switch name {
        case .jsonrpc: version = value.withUnsafeReadableBytes { $0.elementsEqual(#""2.0""#.utf8) }
        case .id: id = value
        case .method: method = value
        case .params: params = value
        case .meta: meta = value
        case .result: result = value
        case .error: error = value
        }
    }
}

/// Where the reserved members of a message stand.
struct EnvelopeRanges: Sendable {
    enum Name: String {
        case jsonrpc, id, method, params, meta, result, error
    }

    /// Each name at most once.
    private(set) var ranges: [(name: Name, value: Range<Int>)] = []
    /// The first name that stood twice.
    private(set) var repeated: String?

    /// A reserved name in escapes of six octets for each of its letters is not longer.
    private static let keyBytesMax = 42

    /// Takes a member up, if it is reserved; false when looking further is of no use.
    mutating func add(_ key: UnsafeRawBufferPointer, _ value: Range<Int>) -> Bool {
        guard key.count <= Self.keyBytesMax, let name = Name(rawValue: JSONScanner.text(key)) else { return true }
        guard !ranges.contains(where: { $0.name == name }) else {
            repeated = repeated ?? name.rawValue
            return false
        }
        ranges.append((name, value))
        return true
    }
}
