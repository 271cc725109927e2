import NIOCore
import RPC

/// A message made so long, by whitespace behind it, that it is checked while it comes.
struct LongFrame {
    let message: ByteBuffer
    let check: FrameCheck?

    private static let spaces = ByteBuffer(repeating: UInt8(ascii: " "), count: 64 * 1024)

    /// Reads the message in pieces, cut anywhere.
    init(_ octets: [UInt8]) {
        var reader = FrameReader(frameBytesMax: 1024 * 1024)
        var frame: RPCFrame?
        func arrive(_ piece: ByteBuffer) {
            reader.append(piece)
            frame = reader.next()
        }
        arrive(ByteBuffer(integer: UInt32(octets.count + Self.spaces.readableBytes)))
        let step = 1 + octets.choice % max(1, octets.count)
        for start in stride(from: 0, to: octets.count, by: step) {
            arrive(ByteBuffer(bytes: octets[start..<min(start + step, octets.count)]))
        }
        arrive(Self.spaces)
        guard case .plain(let message)? = frame else { preconditionFailure("a frame without its message") }
        self.message = message
        check = reader.takeCheck()
    }
}
