import NIOHTTP1

/// How a request's body is delimited, after everything that two parsers could read differently was refused.
///
/// NIO's parser already refuses two differing lengths, a length beside a transfer coding, bare line feeds and control
/// octets in fields (tested over raw sockets); what it lets through is refused here (RFC 9112, 6.1–6.3 and 3.2).
enum MessageFraming: Equatable {
    case none
    case length(Int)
    case chunked

    /// The framing of a head, or the sentence that refuses it.
    static func of(_ head: HTTPRequestHead) -> Result<MessageFraming, FramingFault> {
        var length: Int?
        var isChunked = false
        var hosts = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isField("host"):
                hosts += 1
            case 14 where name.isField("content-length"):
                guard length == nil else { return .failure(FramingFault("a request has one content-length at most")) }
                guard let octets = decimal(value) else { return .failure(FramingFault("content-length is no number")) }
                length = octets
            case 17 where name.isField("transfer-encoding"):
                guard !isChunked, value.isField("chunked"), head.version.minor > 0 else {
                    return .failure(FramingFault("'chunked' is the one transfer coding understood here, and once"))
                }
                isChunked = true
            default:
                if name.utf8.isEmpty { return .failure(FramingFault("a field has no name")) }
            }
        }
        if hosts > 1 { return .failure(FramingFault("a request has one host")) }
        if hosts == 0 && head.version.minor > 0 { return .failure(FramingFault("the host field is missing")) }
        if isChunked && length != nil {
            return .failure(FramingFault("content-length and transfer-encoding exclude each other"))
        }
        return .success(isChunked ? .chunked : length.map { $0 == 0 ? .none : .length($0) } ?? .none)
    }

    private static func decimal(_ text: String) -> Int? {
        let isDigits = text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return isDigits ? Int(text) : nil
    }
}

/// Why a head cannot be taken for one request and nothing else.
struct FramingFault: Error, Equatable {
    let text: String

    init(_ text: String) {
        self.text = text
    }
}
