import NIOCore
import RPC
import Testing

@Suite struct FrameOutboxTests {
    @Test func `small frames leave in one buffer`() {
        var outbox = FrameOutbox()
        for number in 1...3 {
            outbox.appendReply(id: RPCMessageID(UInt64(number)), result: ByteBuffer(string: "true"))
        }
        let buffers = drain(&outbox)
        #expect(buffers.count == 1)
        #expect(messages(in: buffers) == (1...3).map { #"{"jsonrpc":"2.0","id":\#($0),"result":true}"# })
        #expect(outbox.isEmpty)
    }

    @Test func `a large payload is passed on and not copied, in its place`() {
        let large = ByteBuffer(string: "\"" + String(repeating: "x", count: 300_000) + "\"")
        var outbox = FrameOutbox()
        outbox.appendReply(id: RPCMessageID(1), result: ByteBuffer(string: "1"))
        outbox.appendReply(id: RPCMessageID(2), result: large)
        outbox.appendReply(id: RPCMessageID(3), result: ByteBuffer(string: "3"))
        #expect(outbox.isFull)
        let buffers = drain(&outbox)
        #expect(buffers.count == 3)
        #expect(buffers[1] == large)
        #expect(messages(in: buffers).count == 3)
    }

    @Test func `a request has its members in the order of the wire, the payload last`() {
        var outbox = FrameOutbox()
        outbox.appendRequest(
            id: "7", method: "a.b", meta: Array(#"{"timeout_ms":5}"#.utf8), params: ByteBuffer(string: "[1]"))
        outbox.appendRequest(id: nil, method: "note", meta: nil, params: nil)
        #expect(
            messages(in: drain(&outbox)) == [
                #"{"jsonrpc":"2.0","id":7,"method":"a.b","meta":{"timeout_ms":5},"params":[1]}"#,
                #"{"jsonrpc":"2.0","method":"note"}"#,
            ])
    }

    @Test func `a chunk can be read back`() {
        var outbox = FrameOutbox()
        outbox.appendChunk(
            id: RPCMessageID(9), content: ByteBuffer(string: #"{"type":"a/b"}"#), payload: ByteBuffer(bytes: [1, 2]),
            flags: [.opaque, .more])
        var reader = FrameReader(frameBytesMax: 1000)
        reader.negotiated(frameBytesMax: 1000, allowsExtended: true)
        for buffer in drain(&outbox) { reader.append(buffer) }
        let expected = ExtendedFrame(
            flags: [.opaque, .more],
            header: ByteBuffer(string: #"{"jsonrpc":"2.0","id":9,"content":{"type":"a/b"}}"#),
            payload: ByteBuffer(bytes: [1, 2]))
        #expect(reader.next() == .extended(expected))
    }

    private func drain(_ outbox: inout FrameOutbox) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        outbox.drain { piece, _ in buffers.append(piece) }
        return buffers
    }

    private func messages(in buffers: [ByteBuffer]) -> [String] {
        var reader = FrameReader(frameBytesMax: 1 << 20)
        for buffer in buffers { reader.append(buffer) }
        var messages: [String] = []
        while case .plain(let json)? = reader.next() { messages.append(String(buffer: json)) }
        return messages
    }
}
