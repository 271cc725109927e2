import JSONBytes
import NIOCore

/// One connection of a client: says hello, cuts the octets into messages, tells the client. Loop-bound.
final class ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The id of hello; calls have greater ones.
    private static let helloID = "0"
    /// That of pings; below those of calls too, so that the answers, of which only the coming counts, find nobody.
    private static let pingID = "1"

    let writer: FrameWriter
    /// Tells the client's connections apart; from 1.
    let number: UInt32
    /// Calls that were sent here and have no reply.
    var inFlight = 0
    /// Calls sent here that were never answered.
    var lost = LostCalls()
    /// What was agreed on; nil before hello is answered, empty for a plain server.
    private(set) var features: Set<RPCFeature>? {
        didSet { takesMeta = features?.contains(.meta) == true }
    }
    /// `meta` is among them: asked with every call.
    private(set) var takesMeta = false
    /// Where the `meta` of a call is written; its memory is used again and again.
    private var metaWriter = JSONWriter(reservingCapacity: 512)
    private(set) var inFlightMax: Int
    /// The server has said something.
    private(set) var hasHeard = false
    /// Kept until the socket is closed, which may be after the client was let go; a client is ended by `close`.
    let client: RPCLoopClient
    let configuration: RPCClientConfiguration
    let eventLoop: any EventLoop
    /// The longest message the server takes.
    private(set) var peerFrameBytesMax = Int.max
    /// Calls with longer parameters do not leave as one plain frame.
    private(set) var plainParamsBytesMax = Int.max
    /// Calls of which not all chunks have left.
    let outgoing: ChunkWriter<UInt64>
    /// What is charged to the budget for replies that are coming.
    var charge: ConnectionCharge
    /// True while the budget will say when there is room again.
    var awaitsBudget = false
    /// Replies of which not all chunks have come, with their `meta`.
    var incoming: ChunkAssembly<ByteBuffer?>
    var reader: FrameReader
    private var helloTimer: Scheduled<Void>?
    /// Hello was sent and is not answered. The answer counts even when we no longer waited for it: from then on the
    /// server speaks as agreed.
    private var awaitsHello = false
    private var lastError: (any Error)?
    private var keepAlive: KeepAlive
    private var keepAliveTimer: Scheduled<Void>?

    init(client: RPCLoopClient, number: UInt32, configuration: RPCClientConfiguration, eventLoop: any EventLoop) {
        self.client = client
        self.number = number
        self.configuration = configuration
        self.eventLoop = eventLoop
        let writer = FrameWriter(eventLoop: eventLoop, countsWhatLeft: true)
        self.writer = writer
        incoming = ChunkAssembly(bytesMax: configuration.frameBytesMax, heldBytesMax: configuration.heldBytesMax)
        charge = ConnectionCharge(budget: configuration.budget, heldBytesMax: configuration.heldBytesMax)
        outgoing = ChunkWriter(writer: writer, eventLoop: eventLoop)
        keepAlive = KeepAlive(quietMax: TimeAmount(configuration.keepAliveDuration))
        reader = FrameReader(frameBytesMax: configuration.frameBytesMax)
        inFlightMax = configuration.plainInFlightMax
        outgoing.waits = { [unowned self] in if let time = self.stallTime { self.client.wake(at: time) } }
        outgoing.finished = { [unowned self] in self.client.calls.sentLastChunk($0, on: self) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        writer.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        writer.context = nil
    }

    /// Begins: with hello, or as a plain peer.
    func greet(plainly: Bool) {
        guard !plainly, let context = writer.context else { return agreed(on: [], inFlightMax: inFlightMax) }
        let hello = RPCHello(
            peer: configuration.name, role: configuration.role,
            limits: RPCHelloLimits(
                frameBytesMax: configuration.frameBytesMax, inFlightMax: configuration.inFlightMax),
            secret: configuration.gatewaySecret, token: configuration.token)
        writer.outbox.appendRequest(id: Self.helloID, method: RPCHello.method, meta: nil, params: hello.parameters)
        writer.flush()
        awaitsHello = true
        helloTimer = context.eventLoop.scheduleTask(in: TimeAmount(configuration.helloTimeout)) {
            self.agreed(on: [], inFlightMax: self.inFlightMax)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        writer.isReading = true
        hasHeard = true
        reader.append(unwrapInboundIn(data))
        while let frame = reader.next() { handle(frame) }
        settleCharge()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writer.isReading = false
        writer.flush()
        keepAlive.heard(now: context.eventLoop.now)
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        helloTimer?.cancel()
        keepAliveTimer?.cancel()
        // What was half here or half gone is lost; without it nobody asks the budget for room any more.
        _ = incoming.removeAll()
        _ = outgoing.removeAll()
        charge.settle(held: 0, isUnfinished: false)
        client.connectionClosed(self, lastError)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lastError = TLSHandshakeError.isOne(error) ? client.handshakeFailed(error) : error
        context.close(promise: nil)
    }

    func close() {
        writer.flush()
        writer.context?.close(promise: nil)
    }

    private func handle(_ frame: RPCFrame) {
        switch frame {
        case .plain(let json): handle(ReplyParser.parse(json, checked: reader.takeCheck()))
        case .extended(let frame): handle(frame)
        case .tooLong(let length):
            fail(.tooLong(limit: configuration.frameBytesMax, length: length))
        case .malformed(let text): fail(.malformed(text))
        case .foreign: fail(.malformed("the server does not speak length-prefixed JSON-RPC"))
        }
    }

    private func handle(_ message: ReplyMessage) {
        switch message {
        case .success(let id, let result, let meta):
            if awaitsHello, id.number == 0 { return greeted(.success(result)) }
            if let meta { client.received(replyMeta: meta, for: id, on: self) }
            client.finished(id, .success(result), on: self)
        case .failure(let id, var error, let meta):
            if awaitsHello, id.number == 0 { return greeted(.failure(error)) }
            if let meta {
                client.received(replyMeta: meta, for: id, on: self)
                error.retryAfter = error.retryAfter ?? RPCReplyMeta(json: meta).retryAfter
            }
            // An error without an id is about the connection: the server closes it next.
            if id == .null { lastError = error } else { client.finished(id, .failure(error), on: self) }
        case .notification(let request): handle(request)
        case .invalid(let text): fail(.malformed(text))
        }
    }

    /// What the server says unasked; unknown words are ignored.
    private func handle(_ notification: RequestEnvelope) {
        switch notification.method {
        case "rpc.event":
            guard let (id, event) = RPCEvent.read(notification.params) else { return }
            client.received(event, for: id, on: self)
        case "rpc.credit":
            guard let credit = RPCCredit(json: notification.params) else { return }
            _ = outgoing.grant(credit.count, to: credit.id)
        case "rpc.goaway": client.connectionGoesAway(self)
        default: break
        }
    }

    /// Says that no more calls follow here, behind those that were sent.
    func acknowledgeGoaway() {
        guard features?.contains(.goaway) == true else { return }
        writer.outbox.appendRequest(id: nil, method: "rpc.goaway_ack", meta: nil, params: nil)
        writer.added()
    }

    private func greeted(_ outcome: Result<ByteBuffer, RPCError>) {
        helloTimer?.cancel()
        awaitsHello = false
        switch outcome {
        case .success(let json):
            let ours = RPCHelloLimits(
                frameBytesMax: configuration.frameBytesMax, inFlightMax: configuration.inFlightMax)
            guard let hello = RPCHello(json: json, defaults: ours) else {
                return fail(.malformed("expected an object as answer to hello"))
            }
            reader.negotiated(
                frameBytesMax: configuration.frameBytesMax, allowsExtended: hello.features.contains(.xframe))
            peerFrameBytesMax = hello.limits.frameBytesMax
            let takesChunks = hello.features.contains(.xframe)
            plainParamsBytesMax = min(takesChunks ? ExtendedFrame.messageBytesMin : .max, peerFrameBytesMax)
            agreed(on: hello.features, inFlightMax: ours.intersection(hello.limits).inFlightMax)
        case .failure(let error):
            let isStranger = [RPCError.methodNotFound, RPCError.invalidRequest, RPCError.invalidParams]
                .contains(error.code)
            if isStranger { agreed(on: [], inFlightMax: inFlightMax) } else { fail(error) }
        }
    }

    private func agreed(on features: Set<RPCFeature>, inFlightMax: Int) {
        self.features = features
        self.inFlightMax = inFlightMax
        client.connectionReady(self)
        // A stranger need not answer what it does not know.
        if !features.isEmpty, let eventLoop = writer.context?.eventLoop {
            keepAlive.heard(now: eventLoop.now)
            watch(on: eventLoop)
        }
    }

    /// Looks after the connection when the next sign of life is due.
    private func watch(on eventLoop: any EventLoop) {
        keepAliveTimer = eventLoop.scheduleTask(deadline: keepAlive.dueTime) {
            switch self.keepAlive.timePassed(now: eventLoop.now) {
            case .wait: break
            case .ping:
                self.writer.outbox.appendRequest(id: Self.pingID, method: "rpc.ping", meta: nil, params: nil)
                self.writer.added()
            case .giveUp:
                let silence = self.configuration.keepAliveDuration * 2
                return self.fail(.connectionLost("nothing was heard of the server for \(silence)"))
            }
            self.watch(on: eventLoop)
        }
    }

    /// What a call says beside its parameters, if the server takes it.
    @inline(__always)
    func octets(of meta: RPCMeta) -> [UInt8]? {
        guard takesMeta else { return nil }
        metaWriter.removeAll()
        return meta.write(to: &metaWriter) ? metaWriter.bytes : nil
    }

    /// A reply came that nobody waits for any more.
    func answeredLate(_ id: RPCMessageID) {
        if let number = id.number { lost.answered(number) }
    }

    /// Closes the connection; its calls fail with this error's words.
    func fail(_ error: RPCError) {
        lastError = error
        writer.context?.close(promise: nil)
    }
}
