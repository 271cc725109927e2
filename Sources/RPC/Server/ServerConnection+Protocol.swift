import JSONBytes
import NIOCore
import NIOSSL

/// The methods of the protocol itself. They are answered at once, even while calls have to wait: a cancel that queued
/// behind what it cancels would be of no use.
extension ServerConnection {
    static let gatewayRole = "gateway"

    @inline(__always)
    func isOurs(_ method: String) -> Bool {
        guard let first = method.utf8.first, first == UInt8(ascii: "r") || first == UInt8(ascii: "$") else {
            return false
        }
        return method.hasPrefix("rpc.") || method == "$/cancelRequest"
    }

    /// A watch is a call like any other; asking how the server is, is answered at once.
    func isHealthWatch(_ request: RequestEnvelope, isInBatch: Bool) -> Bool {
        guard request.method == HealthWatch.method, !isInBatch, request.id != nil, features.contains(.stream) else {
            return false
        }
        return meta(of: request).stream != nil && JSONFields(request.params)?.bool("watch") == true
    }

    func answerOurs(_ request: RequestEnvelope, batch: (reply: BatchReply, index: Int)?) {
        let outcome: Result<ByteBuffer, RPCError>
        switch request.method {
        case RPCHello.method: outcome = hello(request, isInBatch: batch != nil)
        case "rpc.ping": outcome = .success(ByteBuffer(string: #""pong""#))
        case _ where !credentials.mayCall(): outcome = .failure(.credentialsMissing)
        case "rpc.cancel", "$/cancelRequest": outcome = cancel(request.params)
        case "rpc.credit": outcome = credit(request.params)
        case "rpc.health": outcome = .success(shared.health(isDraining: phase == .draining))
        case "rpc.info": outcome = .success(shared.info)
        case "rpc.stats": outcome = .success(shared.stats)
        case "rpc.discover": outcome = .success(shared.description)
        case "rpc.goaway_ack": outcome = goawayAcknowledged()
        default: outcome = .failure(.noSuchMethod(request.method))
        }
        guard let id = request.id, countsAsTaken(outcome) else { return }
        reply(id: id, batch: batch, outcome)
        if phase == .draining, request.method == RPCHello.method { announceDrain() }
        // A guessed token or secret is a mistake of the protocol, too: nobody gets to guess for long.
        guard case .failure(let error) = outcome else { return }
        let isGuess = request.method == RPCHello.method && error.status == .unauthenticated
        if isGuess || error.code == RPCError.invalidRequest { strike() }
    }

    /// True when there was such a call; it gets its own reply first.
    private func cancel(_ params: ByteBuffer?) -> Result<ByteBuffer, RPCError> {
        guard let id = id(in: params) else { return .failure(.missingID) }
        if let call = call(id) {
            call.cancel(.requested)
            return .success(ByteBuffer(string: "true"))
        }
        if cancelChunks(id) { return .success(ByteBuffer(string: "true")) }
        guard let waiting = admission.removeFirst(where: { $0.request.id == id }) else {
            return .success(ByteBuffer(string: "false"))
        }
        var error = RPCError.cancelled(.requested)
        error.notStarted = true
        shared.served[waiting.request.method].metrics.refused(error.countedStatus)
        reply(id: id, batch: waiting.batch, .failure(error))
        return .success(ByteBuffer(string: "true"))
    }

    private func credit(_ params: ByteBuffer?) -> Result<ByteBuffer, RPCError> {
        guard let credit = RPCCredit(json: params) else { return .failure(.missingID) }
        if let call = call(credit.id) {
            call.credited(credit.count)
        } else {
            _ = outgoing.grant(credit.count, to: credit.id)
        }
        return .success(ByteBuffer(string: "true"))
    }

    private func goawayAcknowledged() -> Result<ByteBuffer, RPCError> {
        drainState.acknowledged()
        return .success(ByteBuffer(string: "true"))
    }

    private func id(in params: ByteBuffer?) -> RPCMessageID? {
        JSONFields(params)?.any("id").map(RPCMessageID.init(token:))
    }

    private func call(_ id: RPCMessageID) -> RPCServerCall? {
        for case let call? in calls where !call.isAnswered && call.id == id { return call }
        return nil
    }

    /// TLS is agreed on, and the client's certificate is one we believe, if it showed one.
    func handshakeCompleted(_ pipeline: ChannelPipeline.SynchronousOperations) {
        guard let certificate = try? pipeline.nioSSL_peerCertificate() else { return }
        credentials.shown(certificate)
        peer.principal = credentials.principal
        if credentials.isAdmitted { reader.admitted(frameBytesMax: limits.plainFrameBytesMax) }
    }

    /// Agrees on what both sides can do. Once: what has been agreed on does not change under running calls.
    private func hello(_ request: RequestEnvelope, isInBatch: Bool) -> Result<ByteBuffer, RPCError> {
        guard peer.isPlain, !isInBatch, request.id != nil else {
            return .failure(.notARequest("rpc.hello is said once, by itself and with an id"))
        }
        let ours = RPCHelloLimits(frameBytesMax: limits.frameBytesMax, inFlightMax: limits.inFlightMax)
        let unsaid = RPCHelloLimits(frameBytesMax: limits.frameBytesMax, inFlightMax: RPCHelloLimits.inFlightUnsaid)
        guard let hello = RPCHello(json: request.params, defaults: unsaid) else {
            return .failure(.invalidArguments([.init(path: ["versions"], message: "missing", type: "missing")]))
        }
        guard hello.versions.contains(RPCHello.version) else { return .failure(.unsupportedVersions(hello.versions)) }
        switch credentials.greeted(hello) {
        case .success(let role): peer.role = role
        case .failure(let error):
            return .failure(error)
        }
        peer.isPlain = false
        peer.principal = credentials.principal
        peer.name = hello.peer
        features = hello.features
        peerFrameBytesMax = hello.limits.frameBytesMax
        plainReplyBytesMax = min(features.contains(.xframe) ? ExtendedFrame.messageBytesMin : .max, peerFrameBytesMax)
        let agreed = ours.intersection(hello.limits)
        let frameBytesMax = credentials.isAdmitted ? limits.frameBytesMax : limits.strangerFrameBytesMax
        reader.negotiated(frameBytesMax: frameBytesMax, allowsExtended: features.contains(.xframe))
        admission.negotiated(inFlightMax: agreed.inFlightMax)
        let configuration = shared.configuration
        let answer = RPCHello(
            peer: "\(configuration.name)/\(configuration.version)", role: configuration.role, features: features,
            limits: RPCHelloLimits(frameBytesMax: limits.frameBytesMax, inFlightMax: agreed.inFlightMax))
        return .success(answer.result)
    }
}

extension RPCError {
    fileprivate static var missingID: RPCError {
        .invalidArguments([.init(path: ["id"], message: "expected the id of a call", type: "missing")])
    }

    fileprivate static func unsupportedVersions(_ versions: [Int]) -> RPCError {
        RPCError(
            code: unsupportedVersion, status: .failedPrecondition, reason: "version",
            "expected version \(RPCHello.version), found \(versions)")
    }
}
