import Logging
import NIOCore

/// From frames to requests.
extension ServerConnection {
    /// Handles every frame that may be handled now.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        arrivalTime = eventLoop.now
        defer { isProcessing = false }
        startWaiting()
        while takesFrames, let frame = reader.next() {
            handle(frame)
            startWaiting()
        }
        settleCharge()
        watchFrame()
    }

    private var takesFrames: Bool {
        switch phase {
        case .open, .inputClosed: admission.takesFrames && !isHeldByReplies
        case .draining: !isHeldByReplies
        case .discarding, .closed: false
        }
    }

    private func handle(_ frame: RPCFrame) {
        frameDeadline = nil
        switch frame {
        case .plain(let json): handle(json)
        case .extended(let frame): handle(frame)
        case .tooLong(let length):
            giveUp(.tooLong(limit: reader.frameBytesMax, length: length))
        case .malformed(let text): giveUp(.malformed(text))
        case .foreign(.bareJSON): giveUp(ForeignProtocol.bareJSONAnswer)
        case .foreign(.http):
            writer.outbox.append(ForeignProtocol.httpAnswer)
            discardAndClose()
        }
    }

    private func handle(_ json: ByteBuffer) {
        guard json.readableBytes > 0 else {
            protocolError(.malformed("an empty frame is not JSON"), id: .null)
            return
        }
        switch RequestParser.parse(json, checked: reader.takeCheck()) {
        case .single(let request): submit(request.detached(fromFrameOf: json.readableBytes), batch: nil)
        case .batch(let items): handle(items, of: json.readableBytes)
        case .invalid(let error, let id): protocolError(error, id: id)
        }
    }

    /// A request whose parameters stand beside its header.
    func submit(_ request: RequestEnvelope, params: ByteBuffer, frameBytes: Int) {
        switch RequestParser.parse(request, params: params, checked: reader.takeCheck()) {
        case .single(let request): submit(request.detached(fromFrameOf: frameBytes), batch: nil)
        case .batch: break
        case .invalid(let error, let id): protocolError(error, id: id)
        }
    }

    /// The items of a batch run side by side; one reply answers them all.
    private func handle(_ items: [ByteBuffer], of frameBytes: Int) {
        let reply = BatchReply(byteCountMax: limits.batchReplyBytesMax)
        var hasFault = false
        for item in items {
            switch RequestParser.parseValidated(item) {
            case .single(let request):
                let request = request.detached(fromFrameOf: frameBytes)
                submit(request, batch: request.id == nil ? nil : (reply, reply.reserve()))
            case .invalid(let error, let id):
                hasFault = true
                set(reply.reserve(), of: reply, id: id, .failure(error))
            case .batch: break
            }
        }
        if let whole = reply.seal() { finish(reply, whole) }
        if hasFault { strike() }
    }

    /// Answers what was no request; too many of them end the connection.
    func protocolError(_ error: RPCError, id: RPCMessageID) {
        writer.outbox.appendReply(id: id, error: error.json)
        writer.added()
        strike()
    }

    func strike() {
        guard strikes.strike(now: eventLoop.now) else { return }
        logger.info("too many protocol errors", metadata: ["peer": "\(peer.address?.description ?? "?")"])
        discardAndClose()
    }

    /// One last answer, then nothing more is understood on this connection.
    func giveUp(_ error: RPCError) {
        writer.outbox.appendReply(id: .null, error: error.json)
        discardAndClose()
    }

    /// A frame that has begun has to come to its end in time, as long as it is read. How much time that is, is known with
    /// its length, of which not all octets need have come with the first.
    func watchFrame() {
        guard phase == .open || phase == .draining, takesFrames, !isReadHeld, let length = reader.lengthBegun else {
            frameDeadline = nil
            return
        }
        if frameDeadline == nil {
            frameBegan = eventLoop.now
        } else if length == frameLength {
            return
        }
        frameLength = length
        let earned = Duration.seconds(length) / max(1, limits.frameBytesPerSecondMin)
        let time = frameBegan + TimeAmount(limits.frameDuration + earned)
        frameDeadline = time
        wake(at: time)
    }
}
