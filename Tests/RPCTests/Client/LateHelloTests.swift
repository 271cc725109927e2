import JSONBytes
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

/// A server that answers hello when the client no longer waits for it: from then on it speaks as agreed.
@Suite struct LateHelloTests {
    @Test func `an answer to hello counts even when it comes late`() async throws {
        let double = LateServer()
        let port = try await double.start()
        var configuration = RPCClientConfiguration()
        configuration.helloTimeout = .milliseconds(20)
        let client = RPCClient(
            host: "127.0.0.1", port: port, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: .quiet)

        let stream = try await client.stream("file", options: .init(timeout: .seconds(60)))
        #expect(stream.content.type == "a/b")
        var octets = ByteBuffer()
        for try await chunk in stream { octets.writeImmutableBuffer(chunk) }
        #expect(String(buffer: octets) == "octets")
        for try await _ in try await client.stream("second", options: .init(timeout: .seconds(60))) {}

        let requests = double.requests
        #expect(requests.compactMap { $0["method"]?.string } == ["rpc.hello", "file", "second"])
        #expect(requests[1]["meta"] == nil, "nothing was agreed on yet")
        #expect(requests[2]["meta"]?["timeout_ms"] == 60_000)
        await client.close()
        try await double.stop()
    }
}

/// Answers hello only when the first call has come, that call with x-frames, and the next with a piece.
private final class LateServer: Sendable {
    private let listener = Mutex<(any Channel)?>(nil)
    private let received = Mutex<[JSONValue]>([])

    var requests: [JSONValue] { received.withLock { $0 } }

    func start() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answers { self.answer($0) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return channel.localAddress!.port!
    }

    func stop() async throws {
        try await listener.withLock { $0 }?.close()
    }

    private func answer(_ message: [UInt8]) -> [UInt8] {
        guard let request = try? JSONValue(parsing: message), let id = request["id"] else { return [] }
        received.withLock { $0.append(request) }
        let idText = String(decoding: id.bytes, as: UTF8.self)
        switch request["method"]?.string {
        case RPCHello.method: return []
        case "file":
            let hello = #"{"version":1,"features":["meta","xframe","cancel","stream"]}"#
            return VectorOctets.framed(Array(#"{"jsonrpc":"2.0","id":0,"result":\#(hello)}"#.utf8))
                + chunk(#"{"jsonrpc":"2.0","id":\#(idText),"content":{"type":"a/b"}}"#, flags: 6, "octets")
                + chunk(#"{"jsonrpc":"2.0","id":\#(idText)}"#, flags: 2, "")
        default:
            let piece = #"{"base64":"","offset":0,"eof":true}"#
            return VectorOctets.framed(Array(#"{"jsonrpc":"2.0","id":\#(idText),"result":\#(piece)}"#.utf8))
        }
    }

    private func chunk(_ header: String, flags: UInt8, _ payload: String) -> [UInt8] {
        var frame = ByteBuffer()
        frame.writeInteger(0x8000_0000 | UInt32(4 + header.utf8.count + payload.utf8.count))
        frame.writeInteger(UInt8(1))
        frame.writeInteger(flags)
        frame.writeInteger(UInt16(header.utf8.count))
        frame.writeString(header + payload)
        return Array(frame.readableBytesView)
    }
}

/// Cuts what comes into plain frames and writes what is answered to each.
private final class Answers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: (([UInt8]) -> [UInt8])
    private var octets = ByteBuffer()

    init(_ answer: @escaping ([UInt8]) -> [UInt8]) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        octets.writeImmutableBuffer(unwrapInboundIn(data))
        while let message = octets.readLengthPrefixedSlice(as: UInt32.self) {
            let reply = answer(Array(message.readableBytesView))
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply)), promise: nil)
        }
    }
}
