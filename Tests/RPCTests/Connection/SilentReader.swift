import NIOCore
import NIOPosix
import Synchronization

/// A peer that writes and never reads.
final class SilentReader: Sendable {
    private let channel: any Channel

    init(port: Int) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelInitializer { $0.eventLoop.makeSucceededVoidFuture() }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Writes until the other side takes no more for a while; answers the octets it took.
    func offer(_ octets: [UInt8], times: Int) async throws -> Int {
        let taken = Mutex(0)
        let buffer = ByteBuffer(bytes: octets)
        for _ in 0..<times {
            let written = channel.eventLoop.makePromise(of: Void.self)
            written.futureResult.whenSuccess { taken.withLock { $0 += buffer.readableBytes } }
            channel.write(buffer, promise: written)
        }
        channel.flush()
        var last = -1
        while last != taken.withLock({ $0 }) {
            last = taken.withLock { $0 }
            try await channel.eventLoop.scheduleTask(in: .milliseconds(300)) {}.futureResult.get()
        }
        return last
    }

    /// Writes what the other side takes, and waits for nothing.
    func write(_ octets: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: octets), promise: nil)
    }

    func close() async {
        try? await channel.close()
    }
}
