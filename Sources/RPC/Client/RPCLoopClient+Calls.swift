import JSONBytes
import NIOCore

/// Calls on their way out, and what comes back.
extension RPCLoopClient {
    @inline(__always)
    func send(_ id: UInt64, _ request: RPCCallRequest, on connection: ClientConnection) {
        sentCount += 1
        let meta = connection.features?.contains(.meta) == true ? request.meta.json : nil
        connection.writer.outbox.appendRequest(
            id: String(id), method: request.method, meta: meta, params: request.params)
        connection.writer.added()
    }

    /// Sends what waited, as far as the server agreed to take it.
    func sendWaiting() {
        guard case .ready(let connection) = phase else { return }
        while sentCount < connection.inFlightMax, let id = waiting.popFirst() {
            guard let waiting = calls[id]?.request else { continue }
            calls[id]?.request = nil
            send(id, waiting.request, on: connection)
        }
    }

    /// Takes a call out of the table; its place in flight becomes free.
    @inline(__always)
    private func remove(_ id: UInt64) -> Call? {
        guard let call = calls.remove(id) else { return nil }
        if call.request == nil { sentCount -= 1 }
        return call
    }

    func end(_ id: UInt64, _ error: RPCError) {
        remove(id)?.receiver.callFailed(error)
    }

    func finished(_ id: RPCMessageID, _ outcome: Result<ByteBuffer, RPCError>) {
        guard let number = id.number, let call = remove(number) else { return }
        if !waiting.isEmpty { sendWaiting() }
        switch outcome {
        case .success(let result): call.receiver.callSucceeded(result)
        case .failure(let error): call.receiver.callFailed(error)
        }
    }

    /// What came with a reply; the reply itself comes next.
    func received(replyMeta json: ByteBuffer, for id: RPCMessageID) {
        guard let number = id.number, let call = calls[number] else { return }
        call.receiver.callReplyMeta(RPCReplyMeta(json: json))
    }

    func received(_ event: RPCEvent, for id: RPCMessageID) {
        guard let number = id.number else { return }
        calls[number]?.receiver.callEvent(event)
    }

    func received(_ content: RPCContent, for id: RPCMessageID) {
        guard let number = id.number else { return }
        calls[number]?.receiver.callContent(content)
    }

    func received(chunk: ByteBuffer, isLast: Bool, for id: RPCMessageID) {
        guard let number = id.number, let call = isLast ? remove(number) : calls[number] else { return }
        if isLast, !waiting.isEmpty { sendWaiting() }
        call.receiver.callChunk(chunk, isLast: isLast)
    }

    func cancel(_ id: UInt64, reason: String) {
        eventLoop.preconditionInEventLoop()
        guard let call = remove(id) else { return }
        if call.request == nil { tell("rpc.cancel", id, "reason", .string(reason)) }
        sendWaiting()
    }

    func grantCredit(_ count: Int, to id: UInt64) {
        eventLoop.preconditionInEventLoop()
        guard let call = calls[id], call.request == nil else { return }
        tell("rpc.credit", id, "n", .number(String(count)))
    }

    /// A notification about a call; `id` comes first.
    private func tell(_ method: String, _ id: UInt64, _ name: String, _ value: JSONValue) {
        guard case .ready(let connection) = phase else { return }
        // Towards a stranger the one name that others use too.
        let isStranger = connection.features?.isEmpty != false
        if isStranger, method == "rpc.credit" { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.integer(id)
        writer.key(name)
        value.write(to: &writer)
        writer.endObject()
        connection.writer.outbox.appendRequest(
            id: nil, method: isStranger ? "$/cancelRequest" : method, meta: nil,
            params: ByteBuffer(bytes: writer.bytes))
        connection.writer.added()
    }

    func wake(at time: NIODeadline) {
        guard wakeup.needsArming(for: time) else { return }
        wakeup.arm(at: time, on: eventLoop) { self.wokenUp() }
    }

    /// Ends the calls whose time is over and looks for the next one.
    private func wokenUp() {
        wakeup.fired()
        let now = eventLoop.now
        var next: NIODeadline?
        for id in calls.ids {
            guard let deadline = calls[id]?.deadline else { continue }
            if deadline > now {
                next = min(next ?? deadline, deadline)
                continue
            }
            var error = RPCError.cancelled(.deadline)
            error.notStarted = calls[id]?.request != nil
            end(id, error)
        }
        sendWaiting()
        if let next { wake(at: next) }
    }
}

extension RPCMessageID {
    /// The id as one of a client's own numbers.
    var number: UInt64? {
        token.withUnsafeReadableBytes { JSONScanner.integer($0) }.flatMap(UInt64.init(exactly:))
    }
}
