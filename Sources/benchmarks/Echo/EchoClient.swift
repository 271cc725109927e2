import NIOCore
import NIOPosix

/// Keeps a number of frames in flight to an echoing server, and counts how many come back.
enum EchoClient {
    /// Sends for the given time.
    static func run(port: Int, frame: ByteBuffer, inFlight: Int, seconds: Int) async throws -> CallRun {
        let group = MultiThreadedEventLoopGroup.singleton
        let done = group.next().makePromise(of: CallRun.self)
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(LengthPrefixDecoder()),
                        FrameLoop(frame: frame, inFlight: inFlight, duration: .seconds(Int64(seconds)), done: done),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let run = try await done.futureResult.get()
        try await channel.close()
        return run
    }
}

/// Sends a frame for each one that comes back.
private final class FrameLoop: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let frame: ByteBuffer
    private let inFlight: Int
    private let duration: TimeAmount
    private let done: EventLoopPromise<CallRun>
    private var count = 0

    init(frame: ByteBuffer, inFlight: Int, duration: TimeAmount, done: EventLoopPromise<CallRun>) {
        self.frame = frame
        self.inFlight = inFlight
        self.duration = duration
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        let start = NIODeadline.now()
        for _ in 0..<inFlight { context.write(wrapOutboundOut(frame), promise: nil) }
        context.flush()
        context.eventLoop.assumeIsolated().scheduleTask(in: duration) {
            let time = Double((NIODeadline.now() - start).nanoseconds) / 1e9
            self.done.succeed(CallRun(count: self.count, seconds: time))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += 1
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.close(promise: nil)
    }
}
