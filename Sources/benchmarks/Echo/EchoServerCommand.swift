import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// The ceiling of any RPC here: NIO sending every frame back, in a process of its own.
struct EchoServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo-server", abstract: "Echoes frames; started by the rpc benchmark.", shouldDisplay: false)

    func run() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(LengthPrefixDecoder()), EchoHandler(),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        // Not through stdio, which would keep the line until there is more.
        try FileHandle.standardOutput.write(contentsOf: Data("port \(channel.localAddress?.port ?? 0)\n".utf8))
        try await channel.closeFuture.get()
    }
}

/// Cuts frames of a four-octet length, which stays in front. In place of a frame that is long an empty one is found: its
/// octets are dropped as they come.
struct LengthPrefixDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    private static let keptBytesMax = 64 * 1024
    /// Octets still to come of a frame that is dropped.
    private var droppedBytesLeft = 0

    mutating func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        if droppedBytesLeft > 0 { return drop(&buffer) }
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        if length <= Self.keptBytesMax { return buffer.readSlice(length: 4 + Int(length)) }
        droppedBytesLeft = 4 + Int(length)
        return drop(&buffer)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        try decode(buffer: &buffer)
    }

    private mutating func drop(_ buffer: inout ByteBuffer) -> ByteBuffer? {
        let count = min(droppedBytesLeft, buffer.readableBytes)
        buffer.moveReaderIndex(forwardBy: count)
        droppedBytesLeft -= count
        return droppedBytesLeft == 0 ? ByteBuffer(integer: UInt32(0)) : nil
    }
}

/// Sends back what comes, flushed once for everything that was read together.
private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.write(data, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
    }
}
