import NIOCore
import RPC

/// A request that is answered by server-sent events: the call's events as they come, at the end its result.
///
/// The head waits for the first event, so that a call that fails at once gets a proper status; after a second without
/// one it goes out all the same. Progress that a slow reader does not take is replaced by newer progress; items cost
/// credits, which are granted when the socket has taken them.
final class EventExchange: FacadeExchange {
    private var isHeadSent = false
    private var timer: ConnectionTimer?
    /// Events written that the socket has not taken yet.
    private var unsent = 0
    private var latestProgress: RPCEvent?

    override func call(_ params: ByteBuffer?) {
        if request.isHead { return answerHead() }
        let timer = ConnectionTimer(eventLoop: application.loop.eventLoop) { [weak self] in self?.heartbeat() }
        self.timer = timer
        timer.arm(application.loop.eventLoop.now + application.eventHeadDelay)
        super.call(params)
    }

    override func callEvent(_ event: RPCEvent) {
        switch event.kind {
        case .item:
            writeLatestProgress()
            write(event)
        case .progress where unsent > 0: latestProgress = event
        case .log where unsent > unsentLogsMax: break
        case .progress, .log: write(event)
        }
    }

    override func callSucceeded(_ result: ByteBuffer) {
        last("result", operation.success(result: result, environment: request.environment))
    }

    override func callFailed(_ error: RPCError) {
        if isHeadSent {
            last("error", operation.failure(error, environment: request.environment))
        } else {
            super.callFailed(error)
        }
    }

    /// The client comes back with `Last-Event-ID`, to whoever serves then.
    override func drain() {
        handle?.cancel(reason: "the gateway stops")
        if isHeadSent {
            let connection = end(status: 200)
            connection?.sendEnd()
        } else {
            fail(RPCError(.unavailable, reason: "draining", "the gateway stops"))
        }
    }

    override func end(status: Int) -> HTTPConnectionHandler? {
        timer?.cancel()
        timer = nil
        return super.end(status: status)
    }

    private func write(_ event: RPCEvent) {
        guard connection != nil else { return }
        var text = EventText()
        text.add(event: event.kind.rawValue, id: event.seq, data: event.data)
        let isItem = event.kind == .item
        unsent += 1
        write(text.buffer) { [weak self] in self?.sent(isItem: isItem) }
    }

    private func sent(isItem: Bool) {
        unsent -= 1
        if isItem { handle?.grantCredit(1) }
        if unsent == 0 { writeLatestProgress() }
    }

    /// What was held back goes before whatever comes later: ids only ever grow.
    private func writeLatestProgress() {
        guard let event = latestProgress else { return }
        latestProgress = nil
        write(event)
    }

    private func last(_ name: StaticString, _ answer: HTTPAnswer) {
        writeLatestProgress()
        var text = EventText()
        text.add(event: "\(name)", id: nil, data: answer.body)
        write(text.buffer) {}
        let connection = end(status: answer.status)
        connection?.sendEnd()
    }

    private func heartbeat() {
        guard !isEnded, let timer else { return }
        timer.arm(application.loop.eventLoop.now + application.heartbeatInterval)
        if unsent > 0 { return }
        write(ByteBuffer(staticString: ": \n\n")) {}
    }

    private func write(_ text: ByteBuffer, sent: @escaping () -> Void) {
        guard let connection else { return }
        if !isHeadSent {
            isHeadSent = true
            sendHead(on: connection)
        }
        octetsWritten += text.readableBytes
        connection.sendPiece(text, sent: sent)
    }

    private func sendHead(on connection: HTTPConnectionHandler) {
        var head = ResponseHead(status: operation.successStatus, allocator: ByteBufferAllocator())
        head.field("content-type", "text/event-stream")
        head.field("cache-control", "no-store")
        connection.sendHead(&head, length: nil, hasBody: true, requestID: request.identity.requestID)
    }

    /// Nothing is called: there is no telling whether the call would succeed before it has.
    private func answerHead() {
        guard let connection = end(status: operation.successStatus) else { return }
        sendHead(on: connection)
        connection.sendEnd()
    }
}

/// Lines for people that a slow reader may leave behind before newer ones are dropped.
private let unsentLogsMax = 64
