import NIOCore
import NIOPosix
import Synchronization

/// A peer that reads little at a time, and goes on.
final class SlowReader: Sendable {
    private let channel: any Channel
    private let count: Count

    init(port: Int) async throws {
        let count = Count()
        self.count = count
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SlowHandler(count))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Octets read so far.
    var received: Int { count.octets.load(ordering: .relaxed) }

    func write(_ octets: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: octets), promise: nil)
    }

    func close() async {
        try? await channel.close()
    }
}

private final class Count: Sendable {
    let octets = Atomic(0)
}

/// Asks for the next 64 KiB a while after the last ones.
private final class SlowHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let count: Count
    private static var pause: TimeAmount { .milliseconds(15) }

    init(_ count: Count) {
        self.count = count
    }

    func channelActive(context: ChannelHandlerContext) {
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count.octets.add(unwrapInboundIn(data).readableBytes, ordering: .relaxed)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { context.read() }
    }
}
