package import NIOCore

/// What the frame decoder finds in a connection's octets.
package enum RPCFrame: Sendable, Equatable {
    /// `u32be L`, then L octets: one message or one batch. L may be 0, which is a message that is not JSON.
    case plain(ByteBuffer)
    /// A frame whose payload stands beside its JSON; only after hello.
    case extended(ExtendedFrame)
    /// A header that announces more than its receiver takes. Nothing behind it can be read.
    case tooLong(length: Int)
    /// An extended frame whose own header does not fit into it. Nothing behind it can be trusted.
    case malformed(String)
    /// The first octets of a connection that speaks something else.
    case foreign(ForeignProtocol)
}

/// `u32be 0x80000000|N  u8 type  u8 flags  u16be H  H octets of JSON  N-4-H octets of payload`.
package struct ExtendedFrame: Sendable, Equatable {
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The payload is octets, not JSON.
        package static let opaque = Flags(rawValue: 2)
        /// More chunks of the same id follow.
        package static let more = Flags(rawValue: 4)
    }

    /// The one type there is: a message whose payload stands beside it.
    package static let messageType: UInt8 = 1
    /// Bit 31 of the length says which kind of frame follows.
    package static let lengthBit: UInt32 = 0x8000_0000
    /// Octets of type, flags and H.
    package static let prologueBytes = 4
    /// The most octets a payload of ours has.
    package static let chunkBytesMax = 64 * 1024

    /// The most octets a header has room for.
    package static let headerBytesMax = Int(UInt16.max)
    /// Messages with a longer payload travel in chunks.
    package static let messageBytesMin = 256 * 1024

    package var type: UInt8
    package var flags: Flags
    package var header: ByteBuffer
    package var payload: ByteBuffer

    package init(type: UInt8 = messageType, flags: Flags, header: ByteBuffer, payload: ByteBuffer) {
        self.type = type
        self.flags = flags
        self.header = header
        self.payload = payload
    }
}
