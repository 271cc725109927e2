import FoundationEssentials
import NIOCore

/// Gathers one piece of a byte stream for a peer that knows no streams: `{base64, offset, eof}`.
///
/// The peer asks again with `offset` in its parameters until `eof`.
struct PlainStream {
    private let offset: Int
    private var octetsToSkip: Int
    private var piece = ByteBuffer()
    /// True once it is known that octets follow those of the piece.
    private var hasMore = false

    /// A piece that begins where the call's parameters say.
    init(params: ByteBuffer?) {
        offset = max(0, JSONFields(params)?.integer("offset") ?? 0)
        octetsToSkip = offset
    }

    /// True when further octets are not needed any more.
    var isComplete: Bool { hasMore && room == 0 }

    private var room: Int { ExtendedFrame.chunkBytesMax - piece.readableBytes }

    /// Which of the stream's last `count` octets belong to the piece; the others are not going to be appended.
    mutating func narrow(toLast count: Int) -> Range<Int> {
        let first = min(octetsToSkip, count)
        let last = min(first + room, count)
        octetsToSkip -= first
        if last < count { hasMore = true }
        return first..<last
    }

    mutating func append(_ chunk: ByteBuffer) {
        var chunk = chunk
        let skipped = min(octetsToSkip, chunk.readableBytes)
        chunk.moveReaderIndex(forwardBy: skipped)
        octetsToSkip -= skipped
        let room = room
        if chunk.readableBytes > room { hasMore = true }
        if var part = chunk.readSlice(length: min(room, chunk.readableBytes)) { piece.writeBuffer(&part) }
    }

    /// The call's result.
    var result: ByteBuffer {
        var json = ByteBuffer()
        json.reserveCapacity(piece.readableBytes / 3 * 4 + 64)
        json.writeStaticString(#"{"base64":""#)
        json.writeBase64(piece)
        json.writeString(#"","offset":\#(offset),"eof":\#(!hasMore)}"#)
        return json
    }
}

extension ByteBuffer {
    /// Octets from base64 with padding; nil when it is none.
    init?(base64 text: String) {
        guard let octets = Data(base64Encoded: text) else { return nil }
        self.init(bytes: octets)
    }

    /// Appends octets as base64 with padding (RFC 4648, section 4).
    mutating func writeBase64(_ octets: ByteBuffer) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        octets.withUnsafeReadableBytes { bytes in
            var index = 0
            while index < bytes.count {
                let taken = min(3, bytes.count - index)
                var group: UInt32 = 0
                for step in 0..<3 { group = group << 8 | (step < taken ? UInt32(bytes[index + step]) : 0) }
                for step in 0..<4 {
                    let sextet = Int(group >> UInt32(18 - 6 * step)) & 63
                    writeInteger(step <= taken ? alphabet[sextet] : UInt8(ascii: "="))
                }
                index += 3
            }
        }
    }
}
