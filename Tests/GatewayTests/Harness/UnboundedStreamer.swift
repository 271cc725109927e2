import NIOCore
import NIOPosix
import RPC
import Synchronization
import Testing

/// A service that says hello and then answers any call with 8 MiB of stream, whatever credits it was given.
final class UnboundedStreamer: Sendable {
    let port: Int
    private let channel: any Channel
    private let calls: CallFlag

    /// Whether it has streamed.
    var wasCalled: Bool { calls.isSet.withLock { $0 } }

    static func start() async throws -> UnboundedStreamer {
        let calls = CallFlag()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamingConnection(calls))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return UnboundedStreamer(port: try #require(channel.localAddress?.port), channel: channel, calls: calls)
    }

    private init(port: Int, channel: any Channel, calls: CallFlag) {
        (self.port, self.channel, self.calls) = (port, channel, calls)
    }

    func close() async throws { try await channel.close() }
}

private final class CallFlag: Sendable {
    let isSet = Mutex(false)
}

/// Its first read is hello, its second the call: small frames that a client writes at once.
private final class StreamingConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let calls: CallFlag
    private var messages = 0

    init(_ calls: CallFlag) {
        self.calls = calls
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var outbox = FrameOutbox()
        if messages == 0 {
            let limits = RPCHelloLimits(frameBytesMax: 1 << 20, inFlightMax: 8)
            let hello = RPCHello(peer: "stranger/1", role: "service", limits: limits)
            outbox.appendReply(id: RPCMessageID(0), result: hello.result)
        } else if messages == 1 {
            // The first call of a connection has this id.
            stream(to: RPCMessageID(1 << 16), &outbox)
            calls.isSet.withLock { $0 = true }
        }
        messages += 1
        outbox.drain { octets, _ in context.write(NIOAny(octets), promise: nil) }
        context.flush()
    }

    private func stream(to id: RPCMessageID, _ outbox: inout FrameOutbox) {
        let chunk = ByteBuffer(repeating: 0x61, count: 64 * 1024)
        for number in 0..<128 {
            let content = number == 0 ? ByteBuffer(string: #"{"type":"application/octet-stream"}"#) : nil
            outbox.appendChunk(id: id, content: content, payload: chunk, flags: [.opaque, .more])
        }
    }
}
