import JSONBytes
import NIOCore
import NIOHTTP1

extension HTTPConnectionHandler {
    /// Takes one part of a request whose turn it is.
    func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): take(head)
        case .body(let piece): take(piece)
        case .end: takeEnd()
        }
    }

    private func take(_ head: HTTPRequestHead) {
        guard machine.isBetweenRequests else { return }
        version = head.version
        isHead = head.method == .HEAD
        if loop.accessLog != nil { beginRecord(head) }
        commonFields = application.crossOrigin?.fields(for: head)
        machine.headReceived(keepAlive: head.isKeepAlive && !head.isUpgrade, now: loop.eventLoop.now)
        switch MessageFraming.of(head) {
        case .failure(let fault): refuseAtOnce(.malformed(fault.text))
        case .success(let framing): admit(head, framing)
        }
    }

    private func admit(_ head: HTTPRequestHead, _ framing: MessageFraming) {
        let expectation = framing == .none ? nil : head.headers.firstField("expect")
        if let expectation, !expectation.isField("100-continue") { return refuseAtOnce(.unknownExpectation) }
        switch application.admit(head, framing, from: peer) {
        case .reply(let reply):
            if machine.refused(framing, expectsContinue: expectation != nil) {
                pendingReply = reply
            } else {
                send(reply)
            }
        case .run(let exchange, let bodyLimit, let isJSON):
            self.exchange = exchange
            if case .length(let length) = framing, length > max(bodyLimit, machine.limits.discardBytesMax) {
                return refuse(.bodyTooLarge(limit: bodyLimit))
            }
            machine.admitted(bodyLimit: bodyLimit)
            if framing != .none && bodyLimit > 0 { body = BodyCollector(isJSON: isJSON) }
            if expectation != nil { sendContinue() }
        }
    }

    private func take(_ piece: ByteBuffer) {
        peer.record?.octetsRead += piece.readableBytes
        switch machine.bodyReceived(piece.readableBytes, now: loop.eventLoop.now) {
        case .drop: return
        case .refuse where pendingReply != nil:
            machine.answerEarly()
            sendPendingReply()
        case .refuse(let limit): refuse(.bodyTooLarge(limit: limit))
        case .collect:
            guard loop.load.takeBytes(piece.readableBytes) else { return refuse(.overloaded) }
            charged += piece.readableBytes
            if let error = body.append(piece) { refuse(.bodyNotJSON(error)) }
        }
    }

    private func takeEnd() {
        guard machine.endReceived(now: loop.eventLoop.now) == .answer else { return }
        if pendingReply != nil { return sendPendingReply() }
        if let error = body.finish() { return refuse(.bodyNotJSON(error)) }
        exchange?.run(body: body.take(), on: self)
    }

    private func sendPendingReply() {
        guard let reply = pendingReply else { return }
        pendingReply = nil
        send(reply)
    }

    private func sendContinue() {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 32)
        buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        write(buffer, promise: nil)
        context.flush()
    }
}

// MARK: - Refusals

extension HTTPConnectionHandler {
    /// Refuses a request an exchange was made for, in that exchange's words.
    func refuse(_ refusal: HTTPRefusal) {
        machine.answerEarlyUnlessComplete()
        let reply = exchange?.answer(to: refusal) ?? application.answer(to: refusal)
        exchange = nil
        send(reply)
    }

    /// Refuses what is no request, or one that arrives wrongly: it is the connection's last.
    func refuseAtOnce(_ refusal: HTTPRefusal) {
        machine.answerEarly()
        exchange?.clientLeft()
        exchange = nil
        pendingReply = nil
        if loop.accessLog != nil && peer.record == nil { beginRecord(nil) }
        send(application.answer(to: refusal))
    }

    /// Says what the parser has found, once nothing else is being said.
    func parsingFailed(_ error: HTTPParserError) {
        switch machine.parsingFailed() {
        case .refuse where error == .headerOverflow:
            refuseAtOnce(.headerTooLarge(limit: machine.limits.headerBytesMax))
        case .refuse: refuseAtOnce(.malformed("not http as this server understands it: \(error)"))
        case .queue: waiting.append(.malformed(error))
        case .close: context?.close(promise: nil)
        }
    }

    /// Carries out what a limit asks for.
    func act(on action: HTTPConnectionStateMachine.LimitAction) {
        switch action {
        case .none: break
        case .close: context?.close(promise: nil)
        case .reset: reset()
        case .refuse(.headerOctets): refuseAtOnce(.headerTooLarge(limit: machine.limits.headerBytesMax))
        case .refuse(.headerTime), .refuse(.bodyTime): refuseAtOnce(.requestTimeout)
        case .refuse(.bodyOverhead): refuseAtOnce(.malformed("the body is mostly chunk heads"))
        }
    }

    func timerFired() {
        guard let context else { return }
        let waiting = context.channel.octetsWaiting
        act(on: machine.timerFired(now: loop.eventLoop.now, sent: octetsWritten - waiting, waiting: waiting))
        timer?.arm(machine.deadline)
    }
}

extension Channel {
    /// Octets written that the socket has not taken yet.
    fileprivate var octetsWaiting: Int {
        (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}

extension HTTPRequestHead {
    /// Whether the client wants another protocol: it gets this one, and the parser stops behind the request.
    fileprivate var isUpgrade: Bool {
        method == .CONNECT || headers.firstField("upgrade") != nil
    }
}
