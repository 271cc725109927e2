public import NIOCore

/// A request's id, kept as the octets it came in: a reply echoes them, so `1.0`, `"é"` and `1` stay what they were.
public struct RPCMessageID: Sendable, Hashable {
    /// The JSON token: a string with its quotes, a number, or `null`.
    public let token: ByteBuffer

    /// A token already checked to be a string, a number or `null`.
    package init(token: ByteBuffer) {
        self.token = token
    }

    /// A number.
    package init(_ number: UInt64) {
        var token = ByteBuffer()
        token.writeString(String(number))
        self.token = token
    }

    /// The id of an answer to something whose id could not be read; as an id of a request it is an ordinary one.
    package static let null = RPCMessageID(token: ByteBuffer(string: "null"))

    /// The most octets an id may have.
    package static let bytesMax = 128
}

extension RPCMessageID: CustomStringConvertible {
    /// The token's text.
    public var description: String { String(buffer: token) }
}
