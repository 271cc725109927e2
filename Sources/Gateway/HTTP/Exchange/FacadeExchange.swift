import Logging
import NIOCore
import NIOHTTP1
import RPC

/// One request of a façade on its way: parameters out, the call's answer back in. Subclasses write the answer.
///
/// It answers exactly once. `end` runs once, whoever comes first: the answer, a refusal, the client's leaving.
class FacadeExchange: HTTPExchange, RPCCallReceiver {
    let place: OperationPlace
    let request: FacadeRequest
    let application: FacadeApplication
    private(set) var connection: HTTPConnectionHandler?
    private(set) var handle: RPCReplicaCall?
    private(set) var isEnded = false
    private var holdsCall = false
    private var octetsRead = 0
    /// Octets of the answer's body, before any compression.
    var octetsWritten = 0

    init(_ place: OperationPlace, _ request: FacadeRequest, _ application: FacadeApplication) {
        self.place = place
        self.request = request
        self.application = application
        place.metrics.begin()
    }

    var operation: CompiledOperation { place.operation }

    // MARK: The connection's side

    func run(body: ByteBuffer?, on connection: HTTPConnectionHandler) {
        self.connection = connection
        octetsRead = body?.readableBytes ?? 0
        guard application.loop.load.takeCall() else { return fail(.overloaded("too many calls are under way")) }
        holdsCall = true
        switch operation.parameters(path: request.pathValues, query: request.query, body: body) {
        case .failure(let error): fail(error)
        case .success(let params): call(params)
        }
    }

    /// Sends the call; its answer comes back to this object.
    func call(_ params: ByteBuffer?) {
        var meta = request.meta(
            facade: application.facade.name, timeout: operation.timeout, takesStream: operation.response != .json)
        if operation.isKeyed { meta.idem = request.idempotencyKey }
        let call = RPCCallRequest(method: operation.method, params: params, meta: meta)
        handle = place.service.replicas.start(
            call, lane: .of(operation, place.traits, params: params), isIdempotent: isIdempotent, receiver: self)
    }

    /// The document says it; without one, HTTP does of those methods that only read (RFC 9110, 9.2.2).
    private var isIdempotent: Bool {
        place.traits?.isIdempotent ?? (request.method == .GET || request.method == .HEAD)
    }

    func answer(to refusal: HTTPRefusal) -> HTTPReply {
        let answer = application.answer(to: refusal, of: operation, request.environment)
        end(status: answer.status)
        return HTTPReply(answer: answer, requestID: request.identity.requestID)
    }

    /// A detached call goes on without its caller; nobody hears its answer.
    func clientLeft() {
        if place.traits?.isDetached != true { handle?.cancel(reason: "the client left") }
        end(status: clientLeftStatus)
    }

    func drain() {}

    // MARK: The call's side

    func callSucceeded(_ result: ByteBuffer) {
        send(operation.success(result: result, environment: request.environment))
    }

    func callFailed(_ error: RPCError) { fail(error) }

    func callEvent(_ event: RPCEvent) {}

    func callContent(_ content: RPCContent) { unexpected("a byte stream") }

    func callChunk(_ bytes: ByteBuffer, isLast: Bool) {}

    // MARK: Ends

    /// Answers with an error in the façade's dialect.
    func fail(_ error: RPCError) {
        var error = error
        if error.status == .unavailable && error.retryAfter == nil { error.retryAfter = application.retryAfter }
        send(operation.failure(error, environment: request.environment))
    }

    /// Answers as a whole.
    func send(_ answer: HTTPAnswer) {
        octetsWritten = answer.body.readableBytes
        guard let connection = end(status: answer.status) else { return }
        let requestID = request.identity.requestID
        if octetsWritten < AnswerCompressor.octetsMin {
            return connection.send(HTTPReply(answer: answer, requestID: requestID))
        }
        application.loop.compressor.compress(answer, acceptEncoding: request.acceptEncoding) { answer in
            connection.send(HTTPReply(answer: answer, requestID: requestID))
        }
    }

    /// The service answered in a way the document does not say.
    func unexpected(_ what: String) {
        guard !isEnded else { return }
        handle?.cancel(reason: "unexpected answer")
        fail(
            RPCError(
                .internal, reason: "response",
                "\(operation.method) answered with \(what), which \(operation.id) does not expect"))
    }

    /// Lets go of everything; answers the connection if it was still to be answered.
    @discardableResult
    func end(status: Int) -> HTTPConnectionHandler? {
        guard !isEnded else { return nil }
        isEnded = true
        if holdsCall { application.loop.load.giveBackCall() }
        let taken = application.loop.eventLoop.now - request.started
        place.metrics.end(status: status, taken: taken, octetsRead: octetsRead, octetsWritten: octetsWritten)
        defer {
            connection = nil
            handle = nil
        }
        return connection
    }
}
