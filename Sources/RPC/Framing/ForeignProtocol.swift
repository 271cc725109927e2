package import NIOCore

/// What people point at this port by mistake, told from the first octets.
package enum ForeignProtocol: Sendable, Hashable {
    case http
    /// JSON without a length in front.
    case bareJSON

    /// The first words of HTTP requests, four octets each.
    private static let httpWords = Set(
        ["GET ", "POST", "PUT ", "HEAD", "PRI ", "DELE", "OPTI", "PATC", "CONN", "TRAC"].map {
            $0.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        })

    /// A length that is really text. As lengths these are all beyond a gigabyte, so no true frame begins like this.
    package init?(header: UInt32) {
        if Self.httpWords.contains(header) {
            self = .http
        } else {
            self.init(firstOctet: UInt8(header >> 24))
        }
    }

    /// Bare JSON shows in its first octet, and `{}` has no more than two.
    package init?(firstOctet: UInt8) {
        guard firstOctet == UInt8(ascii: "{") || firstOctet == UInt8(ascii: "[") else { return nil }
        self = .bareJSON
    }

    /// What an HTTP client is told.
    package static let httpAnswer: ByteBuffer = {
        let text = """
            This port speaks JSON-RPC 2.0 in frames of a 4-byte big-endian length, not HTTP.
            The REST interfaces are served on the gateway's other ports.

            """
        return ByteBuffer(
            string: """
                HTTP/1.1 400 Bad Request\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: \(text.utf8.count)\r
                Connection: close\r
                \r
                \(text)
                """)
    }()

    /// What a client without frames is told, in a frame.
    package static let bareJSONAnswer = RPCError.notARequest(
        "each message needs its length in front: 4 octets, big-endian, then the JSON")
}
