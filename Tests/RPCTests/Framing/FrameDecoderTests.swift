import NIOCore
import NIOTestUtils
import RPC
import Testing

@Suite struct FrameDecoderTests {
    @Test func `plain frames come out whole, however they are cut`() throws {
        try ByteToMessageDecoderVerifier.verifyDecoder(
            inputOutputPairs: [
                (framed("{}"), [.plain(ByteBuffer(string: "{}"))]),
                (framed(""), [.plain(ByteBuffer())]),
                (
                    joined(framed("[1]"), framed(String(repeating: "x", count: 1000))),
                    [.plain(ByteBuffer(string: "[1]")), .plain(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1000))]
                ),
            ],
            decoderFactory: { FrameDecoder(frameBytesMax: 1000) })
    }

    @Test func `extended frames come out in their parts, however they are cut`() throws {
        let frame = ExtendedFrame(
            flags: [.opaque, .more], header: ByteBuffer(string: #"{"id":1}"#), payload: ByteBuffer(bytes: 0...99))
        let empty = ExtendedFrame(flags: .opaque, header: ByteBuffer(string: "{}"), payload: ByteBuffer())
        let pairs: [(ByteBuffer, [RPCFrame])] = [
            (encoded(frame), [.extended(frame)]),
            (joined(encoded(empty), framed("{}")), [.extended(empty), .plain(ByteBuffer(string: "{}"))]),
        ]
        try ByteToMessageDecoderVerifier.verifyDecoder(
            inputOutputPairs: pairs,
            decoderFactory: {
                var decoder = FrameDecoder(frameBytesMax: 1000)
                decoder.allowsExtended = true
                return decoder
            })
    }

    @Test(arguments: [
        (UInt32(1001), 1001),
        (0x7FFF_FFFF, 0x7FFF_FFFF),
        // Bit 31 means nothing before hello: a length like any other, and too long.
        (0xFFFF_FFFF, 0xFFFF_FFFF),
        (0x8000_0008, 0x8000_0008),
    ])
    func `a length above the limit is refused at the header`(header: UInt32, length: Int) {
        var decoder = FrameDecoder(frameBytesMax: 1000)
        var buffer = ByteBuffer(integer: header)
        #expect(decoder.decode(buffer: &buffer) == .tooLong(length: length))
        buffer.writeString("what follows is not looked at")
        #expect(decoder.decode(buffer: &buffer) == nil)
        #expect(buffer.readableBytes == 0)
    }

    @Test(arguments: ["GET / HTTP/1.1", "POST /", "PUT /a", "HEAD /", "PRI * HTTP/2.0", "DELETE /", "OPTIONS *"])
    func `an HTTP request is recognised by its first word`(text: String) {
        var decoder = FrameDecoder(frameBytesMax: 8 << 20)
        var buffer = ByteBuffer(string: text)
        #expect(decoder.decode(buffer: &buffer) == .foreign(.http))
    }

    @Test(arguments: ["{", "[", "{}", "[1]", #"{"jsonrpc":"2.0"}"#])
    func `JSON without a length is recognised by its first octet`(text: String) {
        var decoder = FrameDecoder(frameBytesMax: 8 << 20)
        var buffer = ByteBuffer(string: text)
        #expect(decoder.decode(buffer: &buffer) == .foreign(.bareJSON))
    }

    @Test func `only the first octets of a connection can be another protocol's`() {
        var decoder = FrameDecoder(frameBytesMax: 1000)
        var buffer = joined(framed("{}"), ByteBuffer(string: "GET / HTTP/1.1"))
        #expect(decoder.decode(buffer: &buffer) == .plain(ByteBuffer(string: "{}")))
        #expect(decoder.decode(buffer: &buffer) == .tooLong(length: 0x4745_5420))
    }

    @Test func `an extended frame that cannot hold its own header ends the frames`() {
        for body in [[1, 2, 0], [1, 2, 0, 9, 0x7B, 0x7D]] as [[UInt8]] {
            var decoder = FrameDecoder(frameBytesMax: 1000)
            decoder.allowsExtended = true
            var buffer = ByteBuffer(integer: ExtendedFrame.lengthBit | UInt32(body.count))
            buffer.writeBytes(body)
            guard case .malformed = decoder.decode(buffer: &buffer) else {
                Issue.record("expected a malformed frame for \(body)")
                continue
            }
        }
    }
}

func framed(_ text: String) -> ByteBuffer {
    var buffer = ByteBuffer(integer: UInt32(text.utf8.count))
    buffer.writeString(text)
    return buffer
}

func joined(_ buffers: ByteBuffer...) -> ByteBuffer {
    buffers.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
}

private func encoded(_ frame: ExtendedFrame) -> ByteBuffer {
    let length = ExtendedFrame.prologueBytes + frame.header.readableBytes + frame.payload.readableBytes
    var buffer = ByteBuffer(integer: ExtendedFrame.lengthBit | UInt32(length))
    buffer.writeMultipleIntegers(frame.type, frame.flags.rawValue, UInt16(frame.header.readableBytes))
    buffer.writeImmutableBuffer(frame.header)
    buffer.writeImmutableBuffer(frame.payload)
    return buffer
}
