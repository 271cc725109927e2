import NIOCore
import RPC

extension FuzzTarget {
    /// The frame decoder. The first octet says how to read: bit 0 extended frames from the start, bit 1 from the first
    /// frame on, bit 2 a small limit. The second says where reads are cut; the rest came from a socket.
    static let frames = FuzzTarget(name: "frames") { octets throws(BrokenProperty) in
        guard octets.count >= 2 else { return }
        let way = ReadingWay(octets[0])
        let stream = Array(octets.dropFirst(2))
        let whole = way.read(stream, step: { stream.count })
        try require(way.read(stream, step: { 1 }) == whole, "octet by octet, other frames are found")
        var cuts = UInt32(octets[1])
        let pieces = way.read(stream) {
            cuts = cuts &* 1_664_525 &+ 1_013_904_223
            return 1 + Int(cuts >> 28)
        }
        try require(pieces == whole, "in pieces, other frames are found")
        try require(stream.starts(with: whole.frames.flatMap(encoded)), "the frames are not what was sent")
    }
}

/// What was found, and what is left over.
private struct Reading: Equatable {
    var frames: [RPCFrame] = []
    var lengthBegun: Int?
}

/// How a connection's octets are read.
private struct ReadingWay {
    var frameBytesMax: Int
    var isExtended: Bool
    /// As after hello.
    var isExtendedLater: Bool

    init(_ octet: UInt8) {
        isExtended = octet & 1 != 0
        isExtendedLater = octet & 2 != 0
        frameBytesMax = octet & 4 != 0 ? 64 : 8 * 1024 * 1024
    }

    func read(_ stream: [UInt8], step: () -> Int) -> Reading {
        var reader = FrameReader(frameBytesMax: frameBytesMax)
        if isExtended { reader.negotiated(frameBytesMax: frameBytesMax, allowsExtended: true) }
        var reading = Reading()
        var rest = stream[...]
        while !rest.isEmpty {
            let piece = rest.prefix(max(1, step()))
            rest = rest.dropFirst(piece.count)
            reader.append(ByteBuffer(bytes: piece))
            while let frame = reader.next() {
                reading.frames.append(frame)
                if isExtendedLater { reader.negotiated(frameBytesMax: frameBytesMax * 8, allowsExtended: true) }
            }
        }
        reading.lengthBegun = reader.lengthBegun
        return reading
    }
}

/// A frame as it was on the wire; empty for those of which nothing was taken.
private func encoded(_ frame: RPCFrame) -> [UInt8] {
    var outbox = FrameOutbox()
    switch frame {
    case .plain(let message): outbox.appendPlain(message)
    case .extended(let frame):
        let length = ExtendedFrame.prologueBytes + frame.header.readableBytes + frame.payload.readableBytes
        outbox.append(ExtendedFrame.lengthBit | UInt32(length))
        outbox.append(frame.type)
        outbox.append(frame.flags.rawValue)
        outbox.append(UInt16(frame.header.readableBytes))
        outbox.append(frame.header)
        outbox.append(frame.payload)
    case .tooLong, .malformed, .foreign: break
    }
    var octets: [UInt8] = []
    outbox.drain { piece, _ in octets += piece.readableBytesView }
    return octets
}
