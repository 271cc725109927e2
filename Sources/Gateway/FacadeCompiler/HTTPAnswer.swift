package import NIOCore

/// A finished answer; the server adds only what belongs to the connection (`Content-Length`, `Date`, keep-alive).
package struct HTTPAnswer: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [(String, String)]
    package var body: ByteBuffer

    package init(status: Int, headers: [(String, String)], body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension HTTPAnswer {
    /// The headers of an answer in JSON; one array, shared by all of them.
    static let jsonHeaders = [("content-type", "application/json")]
}
