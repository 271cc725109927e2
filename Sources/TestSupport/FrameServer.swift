import NIOCore
import NIOPosix
import Synchronization

/// A server of length-prefixed frames that says what a script tells it, right or wrong: the stranger in tests of clients.
package final class FrameServer: Sendable {
    /// What the script is asked with: the message and the number of its connection, counted from 0.
    package typealias Script = @Sendable (_ message: String, _ connection: Int) -> Answer

    /// What it does about a message.
    package enum Answer: Sendable, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
        ExpressibleByStringInterpolation
    {
        /// Frames, each of one text.
        case say([String])
        /// Octets as they are, and then maybe the end of the connection.
        case send([UInt8], thenHangUp: Bool = false)
        /// Closes the connection.
        case hangUp

        package init(arrayLiteral elements: String...) { self = .say(elements) }
        package init(stringLiteral value: String) { self = .say([value]) }
    }

    package let port: Int
    private let state: State
    private let listener: any Channel

    fileprivate final class State: Sendable {
        let connections = Mutex<(all: Int, open: [ObjectIdentifier: any Channel])>((0, [:]))
        let messages = Mutex<[String]>([])
    }

    private init(listener: any Channel, state: State, port: Int) {
        self.listener = listener
        self.state = state
        self.port = port
    }

    /// Listens on a free port, or on this one.
    package static func start(port: Int = 0, _ script: @escaping Script) async throws -> FrameServer {
        let state = State()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameConnection(state: state, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return FrameServer(listener: listener, state: state, port: listener.localAddress!.port!)
    }

    /// How many connections there have been.
    package var connectionCount: Int { state.connections.withLock { $0.all } }

    /// Everything that was said to it, in order.
    package var messages: [String] { state.messages.withLock { $0 } }

    /// Says something unasked, on every open connection.
    package func say(_ text: String) {
        for channel in state.connections.withLock({ Array($0.open.values) }) {
            channel.writeAndFlush(FrameConnection.frame(text), promise: nil)
        }
    }

    /// Stops listening and closes every connection.
    package func stop() async throws {
        try await listener.close()
        for channel in state.connections.withLock({ Array($0.open.values) }) { try? await channel.close() }
    }
}

/// Cuts what comes into frames and asks the script.
private final class FrameConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let state: FrameServer.State
    private let script: FrameServer.Script
    private var number = 0
    private var octets = ByteBuffer()

    init(state: FrameServer.State, script: @escaping FrameServer.Script) {
        self.state = state
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        number = state.connections.withLock { connections in
            connections.open[ObjectIdentifier(channel)] = channel
            connections.all += 1
            return connections.all - 1
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let channel = context.channel
        state.connections.withLock { $0.open[ObjectIdentifier(channel)] = nil }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        octets.writeImmutableBuffer(unwrapInboundIn(data))
        while let message = octets.readLengthPrefixedSlice(as: UInt32.self) {
            let text = String(buffer: message)
            state.messages.withLock { $0.append(text) }
            switch script(text, number) {
            case .hangUp: return context.close(promise: nil)
            case .say(let texts):
                for text in texts { context.write(wrapOutboundOut(Self.frame(text)), promise: nil) }
                context.flush()
            case .send(let octets, let thenHangUp):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: octets)), promise: nil)
                if thenHangUp { return context.close(promise: nil) }
            }
        }
    }

    static func frame(_ text: String) -> ByteBuffer {
        var frame = ByteBuffer(integer: UInt32(text.utf8.count))
        frame.writeString(text)
        return frame
    }
}
