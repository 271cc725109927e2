import NIOCore
import RPC
import Testing

@Suite struct FrameReaderTests {
    @Test func `frames stay where they are until they are asked for`() {
        var reader = FrameReader(frameBytesMax: 1000)
        reader.append(joined(framed("1"), framed("2")))
        #expect(reader.next() == .plain(ByteBuffer(string: "1")))
        reader.append(framed("3"))
        #expect(reader.next() == .plain(ByteBuffer(string: "2")))
        #expect(reader.next() == .plain(ByteBuffer(string: "3")))
        #expect(reader.next() == nil)
    }

    @Test func `a frame handed out does not change when more is read`() {
        var reader = FrameReader(frameBytesMax: 1000)
        let second = framed("second")
        reader.append(joined(framed("first"), second.getSlice(at: 0, length: 6)!))
        guard case .plain(let first)? = reader.next() else {
            Issue.record("expected a frame")
            return
        }
        #expect(reader.next() == nil)
        reader.append(second.getSlice(at: 6, length: 4)!)
        #expect(reader.next() == .plain(ByteBuffer(string: "second")))
        #expect(String(buffer: first) == "first")
    }

    @Test(arguments: [3, 4, 5, 64, 1_000, 65_536, 70_000])
    func `frames come out whole however they are cut, read at once or late`(pieceBytes: Int) {
        let texts = [0, 1, 200, 65_530, 65_600, 3, 70_000, 131_080, 2].map { String(repeating: "x", count: $0) }
        for isRead in [true, false] {
            var reader = FrameReader(frameBytesMax: 1 << 20)
            var stream = texts.map(framed).reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
            var found: [String] = []
            func read() {
                while case .plain(let text)? = reader.next() { found.append(String(buffer: text)) }
            }
            while let piece = stream.readSlice(length: min(pieceBytes, stream.readableBytes)), piece.readableBytes > 0 {
                reader.append(piece)
                if isRead { read() }
            }
            read()
            #expect(found == texts)
            #expect(reader.byteCount == 0 && reader.lengthBegun == nil)
        }
    }

    @Test func `a frame that has begun is known by its length`() {
        var reader = FrameReader(frameBytesMax: 1000)
        #expect(reader.lengthBegun == nil)
        reader.append(ByteBuffer(bytes: [0, 0]))
        #expect(reader.next() == nil)
        #expect(reader.lengthBegun == 0)
        reader.append(ByteBuffer(bytes: [1, 0, 7]))
        #expect(reader.next() == nil)
        #expect(reader.lengthBegun == 256)
        reader.append(ByteBuffer(repeating: 7, count: 255))
        #expect(reader.next() != nil)
        #expect(reader.lengthBegun == nil)
    }

    @Test func `memory follows what came, not what was announced`() {
        var reader = FrameReader(frameBytesMax: 64 << 20)
        reader.append(ByteBuffer(integer: UInt32(64 << 20)))
        #expect(reader.next() == nil)
        reader.append(ByteBuffer(repeating: 0, count: 100))
        #expect(reader.next() == nil)
        #expect(reader.capacity < 64 * 1024)
    }

    @Test(arguments: [true, false])
    func `the greatest length there is costs nothing, and nor does what follows it`(allowsExtended: Bool) {
        var reader = FrameReader(frameBytesMax: 8 << 20)
        reader.negotiated(frameBytesMax: 64 << 20, allowsExtended: allowsExtended)
        reader.append(ByteBuffer(integer: UInt32.max))
        #expect(reader.next() == .tooLong(length: Int(allowsExtended ? UInt32.max & 0x7FFF_FFFF : .max)))
        reader.append(ByteBuffer(repeating: 0, count: 1 << 20))
        #expect(reader.next() == nil)
        #expect(reader.capacity < 64 * 1024)
    }
}
