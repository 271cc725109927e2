import Logging
import NIOCore
import NIOHTTP1

/// The shell around a connection's state machine: hands parts of requests in, carries its decisions out.
///
/// Answers are written as octets, head and small body in one buffer. Reading goes on while a request is answered, so
/// that a client that leaves is noticed; it stops only when a pipelining client sends far ahead.
final class HTTPConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What a client sent before its turn.
    enum Waiting {
        case part(HTTPServerRequestPart)
        case malformed(HTTPParserError)
    }

    let application: any HTTPApplication
    let loop: GatewayLoop
    let counter: OctetCounter
    var machine: HTTPConnectionStateMachine
    var context: ChannelHandlerContext?
    var peer = HTTPPeer(ip: "")

    /// The request being received or answered.
    var exchange: (any HTTPExchange)?
    /// The answer of a request that is read to its end first.
    var pendingReply: HTTPReply?
    /// Whether the answer goes without its body.
    var isHead = false
    var version = HTTPVersion.http1_1
    var body = BodyCollector()
    /// Octets of this request charged to the process.
    var charged = 0
    /// Whether the body under way is sent in chunks.
    var isChunked = false
    /// Whether what has been written is going to leave at the end of the tick.
    var isFlushPlanned = false
    /// Fields that every answer to this request has.
    var commonFields: ByteBuffer?
    /// Octets handed to the socket since the connection began.
    var octetsWritten = 0

    var waiting = CircularBuffer<Waiting>()
    private var isTakingWaiting = false
    private var isReadHeld = false
    /// Whether a part or an error came out of the octets read last.
    private var didAdvance = false
    var timer: ConnectionTimer?

    init(application: any HTTPApplication, loop: GatewayLoop, counter: OctetCounter) {
        self.application = application
        self.loop = loop
        self.counter = counter
        machine = HTTPConnectionStateMachine(limits: loop.load.limits, now: loop.eventLoop.now)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        peer = HTTPPeer(ip: context.remoteAddress?.ipAddress ?? "")
        loop.connections.insert(self)
        timer = ConnectionTimer(eventLoop: context.eventLoop) { [weak self] in self?.timerFired() }
        timer?.arm(machine.deadline)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        didAdvance = true
        let part = unwrapInboundIn(data)
        if machine.mustQueue || !waiting.isEmpty || (machine.isBetweenRequests && !context.channel.isWritable) {
            waiting.append(.part(part))
        } else {
            take(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let count = counter.take()
        if !didAdvance || !machine.isBetweenRequests {
            act(on: machine.octetsReceived(count, now: loop.eventLoop.now))
        }
        didAdvance = false
        timer?.arm(machine.deadline)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            loop.logger.debug("http connection failed", metadata: ["error": "\(error)"])
            context.close(promise: nil)
            return
        }
        didAdvance = true
        if !waiting.isEmpty {
            waiting.append(.malformed(error))
        } else {
            parsingFailed(error)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        machine.caughtUp(now: loop.eventLoop.now)
        timer?.arm(machine.deadline)
        takeWaiting()
    }

    func read(context: ChannelHandlerContext) {
        if waiting.count > machine.limits.backlogPartsMax {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    /// Takes what waited, until a request is under way again or the client reads too slowly.
    func takeWaiting() {
        guard let context, !isTakingWaiting else { return }
        isTakingWaiting = true
        defer { isTakingWaiting = false }
        while !machine.mustQueue, context.channel.isWritable, let next = waiting.popFirst() {
            switch next {
            case .part(let part): take(part)
            case .malformed(let error): parsingFailed(error)
            }
        }
        releaseRead()
    }

    /// Reads on, if reading was held back and need not be any more.
    func releaseRead() {
        guard isReadHeld, waiting.count <= machine.limits.backlogPartsMax else { return }
        isReadHeld = false
        context?.read()
    }

    /// Finishes what is under way and takes nothing more.
    func drain() {
        if machine.drain() {
            context?.close(promise: nil)
        } else {
            exchange?.drain()
        }
    }

    private func ended() {
        guard machine.state != .closed || exchange != nil || timer != nil else { return }
        machine.closed()
        timer?.cancel()
        timer = nil
        waiting.removeAll()
        loop.connections.remove(self)
        exchange?.clientLeft()
        requestDone()
    }
}
