package import NIOCore

/// Keeps the octets of a connection until frames are asked for: a paused connection leaves them where they are.
package struct FrameReader {
    private var decoder: FrameDecoder
    private var buffer = ByteBuffer()
    /// What came behind the frame that `buffer` holds whole, and nothing else: it need not be copied to stand there.
    private var following: ByteBuffer?
    /// What is known of the long frame that has begun.
    private var check: FrameCheck?
    /// Octets still to come of a frame that nobody wants.
    private var skipBytes = 0
    /// What is known of the frame handed out last, if it was long: to be taken with it.
    private var finishedCheck: FrameCheck?

    /// A reader for a connection that has not begun.
    package init(frameBytesMax: Int) {
        decoder = FrameDecoder(frameBytesMax: frameBytesMax)
    }

    /// A plain peer may call from now on: longer frames.
    package mutating func admitted(frameBytesMax: Int) {
        decoder.frameBytesMax = frameBytesMax
    }

    /// Hello has been agreed on: longer frames, and extended ones.
    package mutating func negotiated(frameBytesMax: Int, allowsExtended: Bool) {
        decoder.frameBytesMax = frameBytesMax
        decoder.allowsExtended = allowsExtended
    }

    /// Takes what was read from the socket.
    package mutating func append(_ octets: ByteBuffer) {
        if skipBytes > 0 { return skip(octets) }
        guard buffer.readableBytes > 0 else {
            buffer = octets
            return
        }
        var octets = octets
        if following != nil {
            following?.writeBuffer(&octets)
            return
        }
        var end = octets.readSlice(length: min(missingBytes ?? .max, octets.readableBytes))!
        if buffer.readerIndex > 0 {
            // The octets in front belong to frames already handed out, which share this memory: leave it to them.
            var rest = ByteBuffer()
            rest.reserveCapacity(buffer.readableBytes + end.readableBytes)
            rest.writeBuffer(&buffer)
            buffer = rest
        }
        buffer.writeBuffer(&end)
        if octets.readableBytes > 0 { following = octets }
    }

    /// What is still to come of the frame that has begun; nil when that is not known, or the buffer holds a whole one.
    private var missingBytes: Int? {
        guard buffer.readableBytes >= Self.prefixBytes, let length = lengthBegun, length <= decoder.frameBytesMax else {
            return nil
        }
        let missing = Self.prefixBytes + length - buffer.readableBytes
        return missing > 0 ? missing : nil
    }

    /// The next frame, if one is complete.
    package mutating func next() -> RPCFrame? {
        guard buffer.readableBytes > 0 else { return nil }
        finishedCheck = nil
        let frame = decoder.decode(buffer: &buffer)
        if let frame { finish(frame) } else { checkArrived() }
        if buffer.readableBytes == 0 { takeFollowing() }
        return frame
    }

    /// The length of the frame that has begun and is not complete; nil between frames.
    package var lengthBegun: Int? { decoder.lengthBegun(in: buffer) }

    /// Longest frame taken now.
    package var frameBytesMax: Int { decoder.frameBytesMax }

    /// Octets of memory held for what has been read.
    package var capacity: Int { buffer.capacity + (following?.capacity ?? 0) }

    /// Throws away the frame that has begun, now and as it comes; answers the beginning of its message, or of an
    /// x-frame its header.
    package mutating func skipFrame() -> ByteBuffer {
        guard let length = lengthBegun, buffer.readableBytes > Self.prefixBytes else { return ByteBuffer() }
        let head = check?.head(of: buffer) ?? buffer.slice(Self.prefixBytes..<buffer.readableBytes)
        skipBytes = Self.prefixBytes + length - buffer.readableBytes
        takeFollowing()
        check = nil
        return head
    }

    /// Octets of a length.
    private static let prefixBytes = 4

    private mutating func takeFollowing() {
        buffer = following ?? ByteBuffer()
        following = nil
    }

    private mutating func skip(_ octets: ByteBuffer) {
        let count = min(skipBytes, octets.readableBytes)
        skipBytes -= count
        if count < octets.readableBytes { append(octets.slice(count..<octets.readableBytes)) }
    }

    /// Octets read and not handed out.
    package var byteCount: Int { buffer.readableBytes + (following?.readableBytes ?? 0) }

    /// What is known of the frame handed out last; nil for one that was short, or came at once.
    package mutating func takeCheck() -> FrameCheck? {
        defer { finishedCheck = nil }
        return finishedCheck
    }

    /// Looks at what has come of a long frame, so that its end brings little work.
    private mutating func checkArrived() {
        guard let length = decoder.lengthBegun(in: buffer), length > FrameCheck.stepBytesMax else { return }
        if check == nil { check = FrameCheck(beginning: buffer, allowsExtended: decoder.allowsExtended) }
        check?.advance(buffer)
    }

    private mutating func finish(_ frame: RPCFrame) {
        guard var check else { return }
        self.check = nil
        switch frame {
        case .plain(let json): check.finish(json)
        case .extended(let frame): check.finish(frame.payload)
        default: return
        }
        finishedCheck = check
    }
}
