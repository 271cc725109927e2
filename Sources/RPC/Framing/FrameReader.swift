package import NIOCore

/// Keeps the octets of a connection until frames are asked for: a paused connection leaves them where they are.
package struct FrameReader {
    private var decoder: FrameDecoder
    private var buffer = ByteBuffer()

    /// A reader for a connection that has not begun.
    package init(frameBytesMax: Int) {
        decoder = FrameDecoder(frameBytesMax: frameBytesMax)
    }

    /// Hello has been agreed on: longer frames, and extended ones.
    package mutating func negotiated(frameBytesMax: Int, allowsExtended: Bool) {
        decoder.frameBytesMax = frameBytesMax
        decoder.allowsExtended = allowsExtended
    }

    /// Takes what was read from the socket.
    package mutating func append(_ octets: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = octets
            return
        }
        var octets = octets
        if buffer.readerIndex > 0 {
            // The octets in front belong to frames already handed out, which share this memory: leave it to them.
            var rest = ByteBuffer()
            rest.reserveCapacity(buffer.readableBytes + octets.readableBytes)
            rest.writeBuffer(&buffer)
            buffer = rest
        }
        buffer.writeBuffer(&octets)
    }

    /// The next frame, if one is complete.
    package mutating func next() -> RPCFrame? {
        guard buffer.readableBytes > 0 else { return nil }
        let frame = decoder.decode(buffer: &buffer)
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return frame
    }

    /// The length of the frame that has begun and is not complete; nil between frames.
    package var lengthBegun: Int? { decoder.lengthBegun(in: buffer) }

    /// Octets of memory held for what has been read.
    package var capacity: Int { buffer.capacity }
}
