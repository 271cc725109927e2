package import NIOCore

/// Cuts a connection's octets into frames, one at a time.
///
/// The limit is checked at the header, before anything is kept; memory grows only with octets that really came.
/// After `tooLong`, `malformed` and `foreign` it finds nothing more: what follows has no known boundaries.
package struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = RPCFrame

    /// The longest frame taken; rises after hello.
    package var frameBytesMax: Int
    /// Whether bit 31 of the length marks an extended frame; false until hello.
    package var allowsExtended = false
    private var state = State.start

    private enum State {
        /// Nothing read yet: the octets may be those of another protocol.
        case start
        case frames
        case stopped
    }

    /// A decoder for a connection that has not begun.
    package init(frameBytesMax: Int) {
        self.frameBytesMax = frameBytesMax
    }

    /// Takes one frame out of the buffer if one is complete, or can be refused already.
    package mutating func decode(buffer: inout ByteBuffer) -> RPCFrame? {
        if state == .stopped {
            buffer.moveReaderIndex(to: buffer.writerIndex)
            return nil
        }
        guard let header = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else {
            return foreignFirstOctet(in: buffer)
        }
        if allowsExtended, header & ExtendedFrame.lengthBit != 0 {
            return extended(length: Int(header & ~ExtendedFrame.lengthBit), in: &buffer)
        }
        let length = Int(header)
        guard length <= frameBytesMax else {
            if state == .start, let foreign = ForeignProtocol(header: header) { return stop(.foreign(foreign)) }
            return stop(.tooLong(length: length))
        }
        guard buffer.readableBytes >= 4 + length else { return nil }
        state = .frames
        buffer.moveReaderIndex(forwardBy: 4)
        return .plain(buffer.readSlice(length: length)!)
    }

    /// A frame cut off by the end of the connection is no frame.
    package mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) -> RPCFrame? {
        decode(buffer: &buffer)
    }

    /// The length of the frame that has begun and is not complete; nil between frames.
    package func lengthBegun(in buffer: ByteBuffer) -> Int? {
        guard state != .stopped, buffer.readableBytes > 0 else { return nil }
        guard let header = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return 0 }
        return Int(allowsExtended ? header & ~ExtendedFrame.lengthBit : header)
    }

    private mutating func extended(length: Int, in buffer: inout ByteBuffer) -> RPCFrame? {
        guard length <= frameBytesMax else { return stop(.tooLong(length: length)) }
        guard length >= ExtendedFrame.prologueBytes else {
            return stop(.malformed("an extended frame of \(length) octets has no room for its prologue"))
        }
        guard buffer.readableBytes >= 4 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        var body = buffer.readSlice(length: length)!
        let (type, flags, headerBytes) = body.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self)!
        guard let header = body.readSlice(length: Int(headerBytes)) else {
            return stop(.malformed("a header of \(headerBytes) octets does not fit into a frame of \(length)"))
        }
        return .extended(ExtendedFrame(type: type, flags: .init(rawValue: flags), header: header, payload: body))
    }

    private mutating func foreignFirstOctet(in buffer: ByteBuffer) -> RPCFrame? {
        guard state == .start, let octet = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            let foreign = ForeignProtocol(firstOctet: octet)
        else { return nil }
        return stop(.foreign(foreign))
    }

    private mutating func stop(_ frame: RPCFrame) -> RPCFrame {
        state = .stopped
        return frame
    }
}
