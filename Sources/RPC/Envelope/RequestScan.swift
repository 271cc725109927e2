import JSONBytes
import NIOCore

/// Finds the members of a request in any order, with any whitespace and escapes, and refuses what is no request.
enum RequestScan {
    static func request(in message: ByteBuffer) throws(EnvelopeFault) -> RequestEnvelope {
        guard message.withUnsafeReadableBytes({ JSONScanner.kind(of: $0) }) == .object else {
            throw EnvelopeFault(error: .notARequest("expected an object"), id: .null)
        }
        let members = try EnvelopeMembers(of: message)
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
        var seen = Set<Name>()
        var repeated: Name?
        message.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachMember(of: bytes) { key, range in
                guard let name = Name(rawValue: JSONScanner.text(JSONScanner.slice(bytes, key))) else { return true }
                guard seen.insert(name).inserted else {
                    repeated = name
                    return false
                }
                set(name, message.slice(range))
                return true
            }
        }
        if let repeated {
            let text = "the member '\(repeated.rawValue)' stands twice"
            throw EnvelopeFault(error: .notARequest(text), id: .null)
        }
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

    private enum Name: String {
        case jsonrpc, id, method, params, meta, result, error
    }

    private mutating func set(_ name: Name, _ value: ByteBuffer) {
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
