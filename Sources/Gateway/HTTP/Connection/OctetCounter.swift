import NIOCore

/// Stands before the parser and counts what came from the socket: a parser says nothing about half a head.
final class OctetCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Octets since the last `take`.
    private var count = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    /// The count, which begins anew.
    func take() -> Int {
        defer { count = 0 }
        return count
    }
}
