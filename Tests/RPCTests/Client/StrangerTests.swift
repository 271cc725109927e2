import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

/// Clients and servers that are not what they seem.
@Suite struct StrangerTests {
    @Test func `a server that hung up on hello is greeted again after the connection is lost`() async throws {
        let stranger = try await ScriptedServer.start { _ in nil }
        let client = RPCClient(
            host: "127.0.0.1", port: stranger.port, group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        await #expect(throws: RPCError.self) { try await client.call("plain") }
        try await stranger.close()
        var configuration = RPCServerConfiguration()
        configuration.port = stranger.port
        try await withServer(
            configuration: configuration,
            { $0.register("plain", raw: { ByteBuffer(string: $0.peerIsPlain ? "true" : "false") }) }
        ) { _ in
            try await eventually("the connection") { (try? await client.call("plain")) != nil }
            #expect(String(buffer: try await client.call("plain")) == "false")
        }
        await client.close()
    }

    @Test func `octets without the head of their stream fail the call`() async throws {
        let server = try await ScriptedServer.start { message in
            var outbox = FrameOutbox()
            if message == 0 {
                let limits = RPCHelloLimits(frameBytesMax: 1 << 20, inFlightMax: 8)
                let hello = RPCHello(peer: "stranger/1", role: "service", limits: limits)
                outbox.appendReply(id: RPCMessageID(0), result: hello.result)
            } else {
                outbox.appendChunk(
                    id: RPCMessageID(1 << 16), content: nil, payload: ByteBuffer(string: "octets"),
                    flags: [.opaque, .more])
            }
            return outbox
        }
        let client = RPCClient(
            host: "127.0.0.1", port: server.port, group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        let error = await #expect(throws: RPCError.self) { try await client.stream("file") }
        #expect(error?.reason == "stream")
        await client.close()
        try await server.close()
    }
}

/// Answers the nth read of a connection by a script; where that has no answer it hangs up.
struct ScriptedServer {
    let port: Int
    private let channel: any Channel

    static func start(_ answer: @escaping @Sendable (_ message: Int) -> FrameOutbox?) async throws -> ScriptedServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedConnection(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(port: try #require(channel.localAddress?.port), channel: channel)
    }

    func close() async throws { try await channel.close() }
}

private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: (Int) -> FrameOutbox?
    private var messages = 0

    init(_ answer: @escaping (Int) -> FrameOutbox?) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard var outbox = answer(messages) else { return context.close(promise: nil) }
        messages += 1
        outbox.drain { piece, _ in context.write(NIOAny(piece), promise: nil) }
        context.flush()
    }
}
