import NIOCore

/// A call of which the first chunk has come.
struct ChunkedCall {
    var request: RequestEnvelope
    var arrival: NIODeadline
}

/// Calls that arrive in chunks, and replies that leave in them.
extension ServerConnection {
    /// An x-frame: a whole call, or a chunk of one.
    func handle(_ frame: ExtendedFrame) {
        guard frame.type == ExtendedFrame.messageType, frame.flags.isSubset(of: .more) else {
            let text =
                "expected an extended frame of type 1 without flags or with flag 4, "
                + "found type \(frame.type), flags \(frame.flags.rawValue)"
            return protocolError(.notARequest(text), id: .null)
        }
        let isLast = !frame.flags.contains(.more)
        let frameBytes = frame.header.readableBytes + frame.payload.readableBytes
        switch ChunkHeader(frame.header) {
        case .request(let request) where isLast: submit(request, params: frame.payload, frameBytes: frameBytes)
        case .request(let request): begin(request.detachedFromRead(), frame.payload)
        case .further(let id):
            let now = eventLoop.now
            take(incoming.append(frame.payload, to: id, isLast: isLast, room: room, now: now), of: id)
        case .invalid(let error, let id): protocolError(error, id: id)
        }
    }

    /// The first chunk of a call. What can be refused is refused now, before the rest has come.
    private func begin(_ request: RequestEnvelope, _ payload: ByteBuffer) {
        guard let id = request.id, request.params == nil, !isOurs(request.method) else {
            let text = "expected the call of a method with an id and without params as header of a first chunk"
            return protocolError(.notARequest(text), id: request.id ?? .null)
        }
        guard incoming.remove(id) == nil else {
            return protocolError(.notARequest("two calls in chunks have the id \(id)"), id: id)
        }
        if let error = refusal(ofChunked: request) {
            return refuse(Waiting(request: request, batch: nil, arrival: arrivalTime), error)
        }
        let head = ChunkedCall(request: request, arrival: arrivalTime)
        take(incoming.begin(id, head: head, payload: payload, room: room, now: eventLoop.now), of: id)
    }

    private func refusal(ofChunked request: RequestEnvelope) -> RPCError? {
        guard credentials.mayCall() else { return .credentialsMissing }
        if phase == .draining, !takesWhileDraining(request, wasBegun: false) { return .draining }
        if admission.running + incoming.count >= admission.runningMax {
            return .overloaded("more calls in flight than the \(admission.runningMax) agreed on")
        }
        if case .nobody = served(request.method).work { return .noSuchMethod(request.method) }
        return nil
    }

    private func take(_ step: ChunkAssembly<ChunkedCall>.Step, of id: RPCMessageID) {
        switch step {
        case .taken: break
        case .grant(let count): sendCredit(count, id: id)
        case .whole(let call, let params):
            settleCharge()
            submitWhole(call, params: params)
            grantDueCredits()
        case .refuse(let error):
            if error.code == RPCError.parseError {
                protocolError(error, id: id)
            } else {
                reply(id: id, batch: nil, .failure(error))
            }
            grantDueCredits()
        case .unknown: break
        }
        if let time = incoming.silenceTime(after: TimeAmount(limits.chunkDuration)) { wake(at: time) }
    }

    /// Octets have become free, or another message is the oldest: credits withheld so far may be due.
    func grantDueCredits() {
        guard !incoming.isEmpty else { return }
        settleCharge()
        for (id, count) in incoming.dueGrants(room: room, now: eventLoop.now) { sendCredit(count, id: id) }
    }

    private func submitWhole(_ call: ChunkedCall, params: ByteBuffer) {
        do throws(EnvelopeFault) {
            submit(try call.request.with(params: params), batch: nil, arrival: call.arrival)
        } catch {
            protocolError(error.error, id: error.id)
        }
    }

    private func sendCredit(_ count: Int, id: RPCMessageID) {
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendCredit(count, id: id)
        writer.added()
    }

    /// A cancel may meet a call that is half here, or a reply that is half gone; false when it met neither.
    func cancelChunks(_ id: RPCMessageID) -> Bool {
        if let call = incoming.remove(id) {
            var error = RPCError.cancelled(.requested)
            error.notStarted = true
            refuse(Waiting(request: call.request, batch: nil, arrival: call.arrival), error)
            grantDueCredits()
            return true
        }
        guard let call = outgoing.remove(id) else { return false }
        reply(id: id, batch: nil, .failure(.cancelled(.requested)))
        call.finishedSending()
        return true
    }

    // MARK: Replies

    /// A reply that does not go out as one plain frame: in chunks, or not at all.
    func reply(to call: RPCServerCall, large result: ByteBuffer) {
        guard let id = call.id else { return }
        guard result.readableBytes <= peerFrameBytesMax else {
            let error = RPCError.tooLong(limit: peerFrameBytesMax, length: result.readableBytes)
            return reply(id: id, batch: nil, .failure(error))
        }
        guard features.contains(.xframe) else { return reply(id: id, batch: nil, .success(result)) }
        var head = ByteBuffer()
        head.writeStaticString(Envelope.headText)
        head.writeImmutableBuffer(id.token)
        if !call.replyMeta.isEmpty, features.contains(.meta) {
            head.writeStaticString(Envelope.metaText)
            head.writeImmutableBuffer(call.replyMeta.json)
        }
        head.writeStaticString(Envelope.brace)
        call.isSending = true
        outgoing.send(id: id, head: head, payload: result, credit: call.creditLeft, owner: call)
        settleCharge()
    }

    // MARK: Time

    /// Ends the calls that came to a halt half-way.
    func endStalledChunks(now: NIODeadline) {
        for id in incoming.removeSilent(now: now, after: TimeAmount(limits.chunkDuration)) {
            let error = RPCError(.deadlineExceeded, reason: "frame", "the call's next chunk did not come in time")
            reply(id: id, batch: nil, .failure(error))
            grantDueCredits()
        }
        for (id, call) in outgoing.removeStalled(now: now, after: TimeAmount(limits.creditDuration)) {
            reply(id: id, batch: nil, .failure(.cancelled(.stalled)))
            call.finishedSending()
        }
    }

    /// When `endStalledChunks` will have something to do.
    var chunkTimes: [NIODeadline] {
        [
            incoming.silenceTime(after: TimeAmount(limits.chunkDuration)),
            outgoing.queue.stallTime(after: TimeAmount(limits.creditDuration)),
            outgoing.blockedSince.map { $0 + TimeAmount(limits.writeStallDuration) },
        ].compactMap { $0 }
    }

    /// Ends the calls of which not all chunks have come, which surely never began.
    func refuseChunked(_ error: RPCError) {
        for call in incoming.removeAll() {
            refuse(Waiting(request: call.request, batch: nil, arrival: call.arrival), error)
        }
    }

    /// The connection ends: nothing more goes out.
    func dropChunks() {
        _ = incoming.removeAll()
        for call in outgoing.removeAll() { call.finishedSending() }
    }

}

extension RPCServerCall {
    /// What is left of the credit its caller gave.
    fileprivate var creditLeft: Int {
        events?.items.credit ?? meta.stream?.credit ?? RPCStreamOptions.creditDefault
    }

    /// The last chunk of the reply has left, or nobody waits for it.
    func finishedSending() {
        guard isSending else { return }
        isSending = false
        if !isRunning { connection.callEnded(self) }
    }
}
