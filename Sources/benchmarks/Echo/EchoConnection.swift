import NIOCore
import NIOPosix

/// A connection to the echo that tells when each of its frames came back, in the order in which they left.
final class EchoConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var waiting = CircularBuffer<() -> Void>()
    let eventLoop: any EventLoop

    private init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Connects, on a loop of its own.
    static func open(port: Int) async throws -> EchoConnection {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = EchoConnection(eventLoop: loop)
        _ = try await ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(LengthPrefixDecoder()), connection,
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return connection
    }

    func close() async throws {
        try await eventLoop.flatSubmit { self.context?.close() ?? self.eventLoop.makeSucceededVoidFuture() }.get()
    }

    /// Sends a frame; to be called on the loop.
    func send(_ frame: ByteBuffer, returned: @escaping () -> Void) {
        waiting.append(returned)
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { waiting.popFirst()?() }

    /// One frame after the other for the given time; answers how many came back.
    func repeatFrame(_ frame: ByteBuffer, seconds: Int) async throws -> CallRun {
        let done = eventLoop.makePromise(of: CallRun.self)
        eventLoop.execute {
            Repetition(self, frame: frame, duration: .seconds(Int64(seconds)), done: done).next()
        }
        return try await done.futureResult.get()
    }
}

/// Sends a frame again when it has come back, until the time is over.
private final class Repetition {
    private let connection: EchoConnection
    private let frame: ByteBuffer
    private let duration: TimeAmount
    private let done: EventLoopPromise<CallRun>
    private let start = NIODeadline.now()
    private var count = 0

    init(_ connection: EchoConnection, frame: ByteBuffer, duration: TimeAmount, done: EventLoopPromise<CallRun>) {
        self.connection = connection
        self.frame = frame
        self.duration = duration
        self.done = done
    }

    func next() {
        connection.send(frame) { [self] in
            count += 1
            let time = NIODeadline.now() - start
            guard time >= duration else { return next() }
            done.succeed(CallRun(count: count, seconds: Double(time.nanoseconds) / 1e9))
        }
    }
}
