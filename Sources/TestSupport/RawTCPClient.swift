import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection a test drives byte by byte, for attacks no proper client would make.
package final class RawTCPClient: Sendable {
    private let channel: any Channel
    private let collector: Collector

    package init(host: String = "127.0.0.1", port: Int) async throws {
        let collector = Collector()
        self.collector = collector
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: host, port: port)
            .get()
    }

    /// Sends bytes; returns when the kernel has taken them.
    package func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    package func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    /// Closes our sending half; what the other side sends still arrives.
    package func closeWrite() async throws {
        try await channel.close(mode: .output)
    }

    /// Everything received and not yet taken.
    package var received: [UInt8] {
        collector.state.withLock { $0.bytes }
    }

    /// Whether the other side has closed or reset the connection.
    package var isEnded: Bool { endTime != nil }

    /// When that was noticed.
    package var endTime: ContinuousClock.Instant? {
        collector.state.withLock { $0.endTime }
    }

    /// Waits for `count` bytes and takes them.
    package func read(count: Int, within limit: Duration = .seconds(10)) async throws -> [UInt8] {
        try await eventually(within: limit, "\(count) bytes") { received.count >= count }
        return take(count)
    }

    /// Waits until `mark` has arrived and takes everything up to and with it.
    package func read(until mark: String, within limit: Duration = .seconds(10)) async throws -> String {
        var end = 0
        try await eventually(within: limit, "the bytes “\(mark)”") {
            guard let range = received.firstRange(of: Array(mark.utf8)) else { return false }
            end = range.upperBound
            return true
        }
        return String(decoding: take(end), as: UTF8.self)
    }

    /// Waits until the other side ends the connection and takes the rest.
    package func readToEnd(within limit: Duration = .seconds(10)) async throws -> [UInt8] {
        try await eventually(within: limit, "the end of the connection") { isEnded }
        return take(.max)
    }

    /// Closes the connection; with `reset` the other side sees a reset instead of an end.
    package func close(reset: Bool = false) async {
        if reset {
            // Lingering for zero seconds makes close() send a reset (socket(7)).
            try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close()
    }

    private func take(_ count: Int) -> [UInt8] {
        collector.state.withLock { state in
            let taken = Array(state.bytes.prefix(count))
            state.bytes.removeFirst(taken.count)
            return taken
        }
    }

    deinit {
        channel.close(promise: nil)
    }
}

/// Keeps what arrives until the test asks.
private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    struct State {
        var bytes: [UInt8] = []
        var endTime: ContinuousClock.Instant?
    }

    let state = Mutex(State())

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        state.withLock { $0.bytes += buffer.readableBytesView }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { ended() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func ended() {
        state.withLock { $0.endTime = $0.endTime ?? .now }
    }
}
