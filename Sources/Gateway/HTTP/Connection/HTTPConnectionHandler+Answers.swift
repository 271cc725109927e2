import Glibc
import NIOCore
import NIOHTTP1

extension HTTPConnectionHandler {
    /// Writes a whole answer; the request is over.
    func send(_ reply: HTTPReply) {
        guard let context else { return requestDone() }
        peer.record?.status = reply.answer.status
        var head = ResponseHead(status: reply.answer.status, allocator: context.channel.allocator)
        for (name, value) in reply.answer.headers { head.field(named: name, value) }
        let mayHaveBody = reply.answer.status != 204 && reply.answer.status != 304
        if mayHaveBody { head.field("content-length", reply.answer.body.readableBytes) }
        addCommonFields(to: &head, requestID: reply.requestID)
        var octets = head.finish()
        let body = reply.answer.body
        let needsBody = mayHaveBody && !isHead && body.readableBytes > 0
        if needsBody && body.readableBytes <= joinedBytesMax { octets.writeImmutableBuffer(body) }
        if needsBody && body.readableBytes > joinedBytesMax {
            write(octets, promise: nil)
            finish(with: body)
        } else {
            finish(with: octets)
        }
    }

    /// Begins an answer whose body follows piece by piece; a body without a length goes out in chunks.
    ///
    /// It leaves with the first piece.
    func sendHead(_ head: inout ResponseHead, length: Int?, hasBody: Bool, requestID: String) {
        peer.record?.status = head.status
        if !hasBody {
            if let length { head.field("content-length", length) }
        } else if let length {
            head.field("content-length", length)
        } else if version.minor > 0 {
            head.field("transfer-encoding", "chunked")
            isChunked = !isHead
        } else {
            machine.closeAfterAnswer()
        }
        addCommonFields(to: &head, requestID: requestID)
        write(head.finish(), promise: nil)
    }

    /// Writes a piece of a body; `sent` is called when the socket has taken it, not when the connection ended before.
    ///
    /// Pieces that come together leave together, at the end of the loop's tick.
    func sendPiece(_ piece: ByteBuffer, sent: @escaping () -> Void) {
        guard let context else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess(sent)
        if isChunked {
            var head = context.channel.allocator.buffer(capacity: 16)
            head.writeString(String(piece.readableBytes, radix: 16))
            head.writeStaticString("\r\n")
            write(head, promise: nil)
            write(piece, promise: nil)
            head.moveReaderIndex(to: head.writerIndex - 2)
            write(head, promise: promise)
        } else {
            write(piece, promise: promise)
        }
        flushSoon()
    }

    private func flushSoon() {
        guard !isFlushPlanned, let context else { return }
        isFlushPlanned = true
        context.eventLoop.assumeIsolated().execute { [self] in
            isFlushPlanned = false
            self.context?.flush()
        }
    }

    /// Ends a body; the request is over.
    func sendEnd() {
        guard let context else { return requestDone() }
        var end = context.channel.allocator.buffer(capacity: 8)
        if isChunked { end.writeStaticString("0\r\n\r\n") }
        isChunked = false
        finish(with: end)
    }

    /// Cuts the connection so that nobody takes half a body for a whole one.
    func reset() {
        machine.closed()
        guard let context else { return }
        (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in
        }
        context.close(promise: nil)
    }

    /// Writes octets and counts them.
    func write(_ octets: ByteBuffer, promise: EventLoopPromise<Void>?) {
        octetsWritten += octets.readableBytes
        context?.write(wrapOutboundOut(octets), promise: promise)
    }

    /// Gives back what the request held.
    func requestDone() {
        if peer.record != nil { writeRecord(octetsToCome: 0) }
        commonFields = nil
        exchange = nil
        pendingReply = nil
        body = BodyCollector()
        if charged > 0 { loop.load.giveBackBytes(charged) }
        charged = 0
    }

    /// Begins the line that the access log gets when the answer is out.
    func beginRecord(_ head: HTTPRequestHead?) {
        peer.record = AccessRecord(
            facade: application.name, head, ip: peer.ip, started: loop.eventLoop.now,
            octetsWrittenBefore: octetsWritten)
    }

    private func writeRecord(octetsToCome: Int) {
        let line = peer.record?.line(octetsWritten: octetsWritten + octetsToCome, now: loop.eventLoop.now)
        guard let line else { return }
        peer.record = nil
        loop.accessLog?.append(line)
    }

    private func addCommonFields(to head: inout ResponseHead, requestID: String) {
        if peer.record != nil { peer.record?.requestID = requestID }
        if let commonFields { head.fields(commonFields) }
        head.field("date", loop.clock.httpDate())
        head.field("x-request-id", requestID)
        if machine.isLastAnswer {
            head.field("connection", "close")
        } else if version.minor == 0 {
            head.field("connection", "keep-alive")
        }
    }

    /// Writes the last octets of an answer.
    private func finish(with octets: ByteBuffer) {
        guard let context else { return requestDone() }
        let isLast = machine.isLastAnswer
        if peer.record != nil { writeRecord(octetsToCome: octets.readableBytes) }
        let held = octets.readableBytes > heldBytesMin ? octets.readableBytes : 0
        requestDone()
        guard isLast || held > 0 else {
            write(octets, promise: nil)
            context.flush()
            return answerWritten()
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        loop.load.countBytes(held)
        promise.futureResult.assumeIsolated().whenComplete { [self] result in
            loop.load.giveBackBytes(held)
            if case .success = result, isLast { answerWritten() }
        }
        write(octets, promise: promise)
        context.flush()
        if !isLast { answerWritten() }
    }

    private func answerWritten() {
        let isStalling = context?.channel.isWritable == false
        let next = machine.answerWritten(now: loop.eventLoop.now, isStalling: isStalling)
        timer?.arm(machine.deadline)
        switch next {
        case .next: if !waiting.isEmpty { takeWaiting() }
        case .linger:
            waiting.removeAll()
            context?.close(mode: .output, promise: nil)
            // Lingering is reading: closed with octets unread, the connection would be reset and the answer lost.
            releaseRead()
        }
    }
}

/// Bodies up to this size are copied behind their head, into one write.
private let joinedBytesMax = 16 * 1024

/// Answers above this size are counted until the socket has taken them.
private let heldBytesMin = 64 * 1024
