/// What a test server answers: a proper response or one of the faults a client must survive.
///
/// A delayed answer needs nothing here: the handler is async and waits at a ``Gate``.
package struct HTTPTestAnswer: Sendable {
    package enum Body: Sendable {
        /// Whole, with `Content-Length`.
        case bytes([UInt8])
        /// In these pieces, `Transfer-Encoding: chunked`.
        case chunks([[UInt8]])
        /// These bytes instead of a response, head included; the connection is closed after them.
        case raw([UInt8])
        /// The first bytes of a body said to be `declared` long; then the connection is dropped.
        case cut([UInt8], declared: Int)
        /// No answer at all: the connection is closed.
        case drop
        /// This pattern for ever, chunked, as fast as the client takes it.
        case endless([UInt8])
        /// One piece after another, chunked, a pause before each.
        case drip([[UInt8]], pause: Duration)
        /// A gzip stream of at least `decodedBytes` zero bytes, 158 times smaller on the wire.
        case gzipBomb(decodedBytes: Int)
    }

    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Body
    /// Closes the connection after the answer and says so.
    package var closes: Bool

    package init(
        status: Int = 200, headers: [(name: String, value: String)] = [], body: Body = .bytes([]), closes: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.closes = closes
    }

    package static func json(_ text: String, status: Int = 200) -> HTTPTestAnswer {
        HTTPTestAnswer(
            status: status, headers: [("Content-Type", "application/json")], body: .bytes(Array(text.utf8)))
    }

    package static func text(_ text: String, status: Int = 200) -> HTTPTestAnswer {
        HTTPTestAnswer(status: status, headers: [("Content-Type", "text/plain")], body: .bytes(Array(text.utf8)))
    }

    package static func status(
        _ status: Int, headers: [(name: String, value: String)] = []
    ) -> HTTPTestAnswer {
        HTTPTestAnswer(status: status, headers: headers)
    }

    package static func redirect(to location: String, status: Int = 302) -> HTTPTestAnswer {
        HTTPTestAnswer(status: status, headers: [("Location", location)])
    }

    /// `bytes` under `Content-Encoding: gzip`, a valid stream with its checksum.
    package static func gzip(_ bytes: [UInt8]) -> HTTPTestAnswer {
        HTTPTestAnswer(headers: [("Content-Encoding", "gzip")], body: .bytes(GzipStream.stored(bytes)))
    }

    package static func gzipBomb(decodedBytes: Int) -> HTTPTestAnswer {
        HTTPTestAnswer(body: .gzipBomb(decodedBytes: decodedBytes))
    }

    package static func endless(_ pattern: String = "0123456789abcdef") -> HTTPTestAnswer {
        HTTPTestAnswer(body: .endless(Array(pattern.utf8)))
    }

    package static let drop = HTTPTestAnswer(body: .drop)
}
