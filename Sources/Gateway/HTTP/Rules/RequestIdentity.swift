import NIOHTTP1

/// The id and the trace context under which a request is known everywhere behind the gateway.
struct RequestIdentity {
    /// `x-request-id` or `x-b3-traceid` as the client sent it, or a fresh UUID.
    let requestID: String
    /// W3C trace context: the client's, or a new one.
    let traceparent: String

    init(_ headers: HTTPHeaders, makingWith generator: inout IdentityGenerator) {
        var given: String?
        var b3: String?
        var parent: String?
        for (name, value) in headers {
            switch name.utf8.count {
            case 12 where name.isField("x-request-id"): given = value
            case 12 where name.isField("x-b3-traceid"): b3 = value
            case 11 where name.isField("traceparent"): parent = value
            default: break
            }
        }
        requestID = [given, b3].lazy.compactMap { $0 }.first(where: Self.isAcceptable) ?? generator.uuid()
        traceparent = parent.flatMap { Self.isTraceparent($0) ? $0 : nil } ?? generator.traceparent()
    }

    /// Ids come back in a header and stand in logs: at most 128 octets, none that could break out of either.
    static func isAcceptable(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 128
            && id.utf8.allSatisfy { isAlphanumeric($0) || "-._:+/=@".utf8.contains($0) }
    }

    /// `00-` 32 hex digits `-` 16 hex digits `-` 2 hex digits, lower case, neither id all zeros.
    static func isTraceparent(_ text: String) -> Bool {
        let octets = Array(text.utf8)
        guard octets.count == 55, octets.starts(with: "00-".utf8) else { return false }
        guard octets[35] == UInt8(ascii: "-"), octets[52] == UInt8(ascii: "-") else { return false }
        let fields = [octets[3..<35], octets[36..<52], octets[53..<55]]
        guard fields.allSatisfy({ $0.allSatisfy { "0123456789abcdef".utf8.contains($0) } }) else { return false }
        return fields[0].contains { $0 != UInt8(ascii: "0") } && fields[1].contains { $0 != UInt8(ascii: "0") }
    }
}
