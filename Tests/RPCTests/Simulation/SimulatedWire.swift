import NIOCore
import NIOEmbedded

/// A connection between two channels of one loop with manual time: octets keep their order in each direction, but come
/// late, split anywhere, and not at all once the wire is cut.
///
/// `@unchecked Sendable`: a simulation runs on one thread.
final class SimulatedWire: @unchecked Sendable {
    let client: EmbeddedChannel
    let server: EmbeddedChannel
    private let loop: EmbeddedEventLoop
    private let chance: Chance
    private var isCut = false
    /// Takes everything and brings nothing, as if the other side had vanished.
    var swallows = false

    init(loop: EmbeddedEventLoop, chance: Chance) throws {
        self.loop = loop
        self.chance = chance
        client = EmbeddedChannel(handlers: [], loop: loop)
        server = EmbeddedChannel(handlers: [], loop: loop)
        for (from, to) in [(client, server), (server, client)] {
            try from.pipeline.syncOperations.addHandler(WireEnd(wire: self, from: from, to: to, chance: chance))
            from.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        }
    }

    /// Both sides lose the connection; nothing that is on its way arrives.
    func cut() {
        guard !isCut else { return }
        isCut = true
        for channel in [client, server] where channel.isActive {
            at(loop.now + .microseconds(Int64(chance.pick(0...5_000)))) { channel.close(promise: nil) }
        }
    }

    func at(_ time: NIODeadline, _ body: @escaping () -> Void) {
        let body = UncheckedBody(body)
        loop.scheduleTask(deadline: time) { body.run() }
    }

    /// Octets arrive, unless they cannot any more.
    fileprivate func deliver(_ octets: ByteBuffer, to channel: EmbeddedChannel) {
        guard !isCut, !swallows, channel.isActive else { return }
        _ = try? channel.writeInbound(octets)
    }

    fileprivate var now: NIODeadline { loop.now }
    fileprivate var lost: Bool { isCut }
}

private struct UncheckedBody: @unchecked Sendable {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

/// Takes what one side writes and brings it to the other.
private final class WireEnd: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private let wire: SimulatedWire
    private let from: EmbeddedChannel
    private let to: EmbeddedChannel
    private let chance: Chance
    private var gathered: [(octets: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    /// Flushed, and not taken by the kernel yet.
    private var flushed: [(octets: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    /// When the octets written last arrive.
    private var arrival = NIODeadline.uptimeNanoseconds(0)
    /// Until when the kernel takes nothing more.
    private var stallEnd = NIODeadline.uptimeNanoseconds(0)
    private var hasEnded = false

    init(wire: SimulatedWire, from: EmbeddedChannel, to: EmbeddedChannel, chance: Chance) {
        self.wire = wire
        self.from = from
        self.to = to
        self.chance = chance
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        gathered.append((unwrapOutboundIn(data), promise))
    }

    /// Now and then the kernel's buffer is full: then octets stay here for a while, and a cut loses them.
    func flush(context: ChannelHandlerContext) {
        let isStalled = !flushed.isEmpty
        flushed += gathered
        gathered = []
        if isStalled { return }
        if chance.happens(percent: 5) { stallEnd = wire.now + .microseconds(Int64(chance.pick(1...20_000))) }
        if stallEnd <= wire.now { return send() }
        wire.at(stallEnd) { self.send() }
    }

    private func send() {
        let pieces = flushed
        flushed = []
        for (octets, promise) in pieces {
            if wire.lost || !from.isActive || hasEnded {
                promise?.fail(ChannelError.ioOnClosedChannel)
                continue
            }
            var rest = octets
            while rest.readableBytes > 0 {
                let count = chance.happens(percent: 30) ? chance.pick(1...rest.readableBytes) : rest.readableBytes
                let piece = rest.readSlice(length: count)!
                arrive { self.wire.deliver(piece, to: self.to) }
            }
            promise?.succeed()
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if !hasEnded {
            // Behind what waits for the kernel, as a real socket does it.
            wire.at(max(stallEnd, wire.now)) {
                self.hasEnded = true
                self.arrive { if self.to.isActive { self.to.close(promise: nil) } }
            }
        }
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }

    /// In order, each a while after what came before it.
    private func arrive(_ body: @escaping () -> Void) {
        let wait = chance.happens(percent: 10) ? chance.pick(0...30_000) : chance.pick(10...300)
        arrival = max(arrival, wire.now + .microseconds(Int64(wait)))
        wire.at(arrival, body)
    }
}
