import JSONBytes
import NIOCore

/// One connection of a client: says hello, cuts the octets into messages, tells the client. Loop-bound.
final class ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The id of hello; calls have greater ones.
    private static let helloID = "0"

    let writer: FrameWriter
    /// What was agreed on; nil before hello is answered, empty for a plain server.
    private(set) var features: Set<RPCFeature>?
    private(set) var inFlightMax: Int
    /// Kept until the socket is closed, which may be after the client was let go; a client is ended by `close`.
    private let client: RPCLoopClient
    private let configuration: RPCClientConfiguration
    private var reader: FrameReader
    private var helloTimer: Scheduled<Void>?
    /// Hello was sent and is not answered. The answer counts even when we no longer waited for it: from then on the
    /// server speaks as agreed.
    private var awaitsHello = false
    private var lastError: (any Error)?

    init(client: RPCLoopClient, configuration: RPCClientConfiguration, eventLoop: any EventLoop) {
        self.client = client
        self.configuration = configuration
        writer = FrameWriter(eventLoop: eventLoop)
        reader = FrameReader(frameBytesMax: configuration.frameBytesMax)
        inFlightMax = configuration.plainInFlightMax
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
            secret: configuration.gatewaySecret)
        writer.outbox.appendRequest(id: Self.helloID, method: RPCHello.method, meta: nil, params: hello.parameters)
        writer.flush()
        awaitsHello = true
        helloTimer = context.eventLoop.scheduleTask(in: TimeAmount(configuration.helloTimeout)) {
            self.agreed(on: [], inFlightMax: self.inFlightMax)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        writer.isReading = true
        reader.append(unwrapInboundIn(data))
        while let frame = reader.next() { handle(frame) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writer.isReading = false
        writer.flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        helloTimer?.cancel()
        client.connectionClosed(self, lastError)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lastError = error
        context.close(promise: nil)
    }

    func close() {
        writer.flush()
        writer.context?.close(promise: nil)
    }

    private func handle(_ frame: RPCFrame) {
        switch frame {
        case .plain(let json): handle(ReplyParser.parse(json))
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
            if let meta { client.received(replyMeta: meta, for: id) }
            client.finished(id, .success(result))
        case .failure(let id, var error, let meta):
            if awaitsHello, id.number == 0 { return greeted(.failure(error)) }
            if let meta {
                client.received(replyMeta: meta, for: id)
                error.retryAfter = error.retryAfter ?? RPCReplyMeta(json: meta).retryAfter
            }
            // An error without an id is about the connection: the server closes it next.
            if id == .null { lastError = error } else { client.finished(id, .failure(error)) }
        case .notification(let request):
            guard request.method == "rpc.event", let (id, event) = RPCEvent.read(request.params) else { return }
            client.received(event, for: id)
        case .invalid(let text): fail(.malformed(text))
        }
    }

    private func handle(_ frame: ExtendedFrame) {
        guard let fields = JSONFields(validating: frame.header), let id = fields.any("id").map(RPCMessageID.init) else {
            return fail(.malformed("the header of an extended frame is no message"))
        }
        guard frame.flags.contains(.opaque) else {
            return fail(.notARequest("expected octets in an extended frame, found flags \(frame.flags.rawValue)"))
        }
        if let content = RPCContent(json: fields.raw("content", .object)) { client.received(content, for: id) }
        client.received(chunk: frame.payload, isLast: !frame.flags.contains(.more), for: id)
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
    }

    private func fail(_ error: RPCError) {
        lastError = error
        writer.context?.close(promise: nil)
    }
}
