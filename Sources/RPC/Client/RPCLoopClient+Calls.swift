import JSONBytes
import NIOCore

/// Calls on their way out, and what comes back.
extension RPCLoopClient {
    @inline(__always)
    func send(_ id: UInt64, _ request: RPCCallRequest, on connection: ClientConnection) {
        connection.inFlight += 1
        let credit = connection.takesMeta ? request.meta.stream?.credit : nil
        calls.sent(id, credit: credit ?? RPCStreamOptions.creditDefault, on: connection)
        if !connection.takesMeta, request.meta.idem != nil, calls[id]?.receiver.callMayLeaveWithoutKey() == false {
            return refuse(id, .keyUnsupported(address))
        }
        if let params = request.params, params.readableBytes > connection.plainParamsBytesMax {
            return send(id, large: request, params, on: connection)
        }
        send(id, plain: request, on: connection)
    }

    @inline(__always)
    func send(_ id: UInt64, plain request: RPCCallRequest, on connection: ClientConnection) {
        let meta = connection.octets(of: request.meta)
        if let meta, meta.count > RPCMeta.bytesMax { return refuse(id, metaBytes: meta.count) }
        connection.writer.outbox.appendRequest(
            id: String(id), method: request.method, meta: meta, params: request.params)
        connection.writer.added()
    }

    /// The server would take it for a mistake of the connection's, which other calls share.
    func refuse(_ id: UInt64, metaBytes: Int) {
        let text = "expected a meta of at most \(RPCMeta.bytesMax) octets, found \(metaBytes)"
        refuse(id, RPCError(.invalidArgument, reason: "meta", text))
    }

    /// Ends a call that does not leave; its receiver hears of it later.
    private func refuse(_ id: UInt64, _ error: RPCError) {
        eventLoop.assumeIsolated().execute { self.end(id, error) }
    }

    /// Sends what waited, as far as the server agreed to take it.
    func sendWaiting() {
        guard case .ready(let connection) = phase else { return }
        while connection.inFlight < connection.inFlightMax, let id = waiting.popFirst() {
            guard let call = calls[id], var request = call.request?.request else { continue }
            // The server counts from the moment it reads the call.
            if let deadline = call.deadline {
                request.meta.timeout = max(.zero, Duration(deadline - eventLoop.now))
            }
            send(id, request, on: connection)
        }
    }

    /// Takes a call out of the table; its place in flight becomes free.
    @inline(__always)
    private func remove(_ id: UInt64) -> Call? {
        guard let call = calls.remove(id) else { return nil }
        if let connection = connection(call.connection) {
            connection.inFlight -= 1
            if connection.hasChunks { connection.forgetChunks(of: id) }
        }
        return call
    }

    /// The same for what was heard on a connection, which is nothing to calls sent on others.
    @inline(__always)
    private func remove(_ id: RPCMessageID, on connection: ClientConnection) -> Call? {
        guard let call = id.number.flatMap({ calls.remove($0) { $0.connection == connection.number } }) else {
            return nil
        }
        connection.inFlight -= 1
        if connection.hasChunks, let number = id.number { connection.forgetChunks(of: number) }
        return call
    }

    /// The receiver of a call sent on that connection.
    private func receiver(of id: RPCMessageID, on connection: ClientConnection) -> (any RPCCallReceiver)? {
        guard let call = id.number.flatMap({ calls[$0] }), call.connection == connection.number else { return nil }
        return call.receiver
    }

    /// A place has become free: what waits may go, and a connection that only finished its calls may close.
    @inline(__always)
    private func placeFreed(on connection: ClientConnection) {
        if !waiting.isEmpty { sendWaiting() }
        if !retiring.isEmpty { closeRetired() }
    }

    func connection(_ number: UInt32) -> ClientConnection? {
        if case .ready(let connection) = phase, connection.number == number { return connection }
        return retiring.first { $0.number == number }
    }

    func end(_ id: UInt64, _ error: RPCError) {
        remove(id)?.receiver.callFailed(error)
    }

    func finished(_ id: RPCMessageID, _ outcome: Result<ByteBuffer, RPCError>, on connection: ClientConnection) {
        guard let call = remove(id, on: connection) else { return connection.answeredLate(id) }
        placeFreed(on: connection)
        switch outcome {
        case .success(let result): call.receiver.callSucceeded(result)
        case .failure(let error):
            if error.isOfDraining { connectionGoesAway(connection) }
            call.receiver.callFailed(error)
        }
    }

    /// What came with a reply; the reply itself comes next.
    func received(replyMeta json: ByteBuffer, for id: RPCMessageID, on connection: ClientConnection) {
        receiver(of: id, on: connection)?.callReplyMeta(RPCReplyMeta(json: json))
    }

    func received(_ event: RPCEvent, for id: RPCMessageID, on connection: ClientConnection) {
        guard let receiver = receiver(of: id, on: connection) else { return }
        if event.kind == .item, let number = id.number { calls.change(number) { $0.credit -= 1 } }
        receiver.callEvent(event)
    }

    func received(_ content: RPCContent, for id: RPCMessageID, on connection: ClientConnection) {
        receiver(of: id, on: connection)?.callContent(content)
    }

    func received(chunk: ByteBuffer, isLast: Bool, for id: RPCMessageID, on connection: ClientConnection) {
        guard isLast else { return receiver(of: id, on: connection)?.callChunk(chunk, isLast: false) ?? () }
        guard let call = remove(id, on: connection) else { return connection.answeredLate(id) }
        placeFreed(on: connection)
        call.receiver.callChunk(chunk, isLast: true)
    }

    func cancel(_ id: UInt64, reason: String) {
        eventLoop.preconditionInEventLoop()
        guard let call = calls[id] else { return }
        if let connection = connection(call.connection) {
            tell(connection, "rpc.cancel", id, "reason", .string(reason))
        }
        _ = remove(id)
        sendWaiting()
        closeRetired()
    }

    func grantCredit(_ count: Int, to id: UInt64) {
        eventLoop.preconditionInEventLoop()
        guard let call = calls[id], let connection = connection(call.connection) else { return }
        if !connection.incoming.granted(count, to: RPCMessageID(id)) {
            calls.change(id) { $0.credit = RPCStreamOptions.sum($0.credit, count) }
        }
        tell(connection, "rpc.credit", id, "n", .number(String(count)))
    }

    /// A notification about a call; `id` comes first.
    private func tell(
        _ connection: ClientConnection, _ method: String, _ id: UInt64, _ name: String, _ value: JSONValue
    ) {
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
            guard let call = calls[id], let time = lastTime(of: call) else { continue }
            if time > now {
                next = min(next ?? time, time)
                continue
            }
            var error = RPCError.cancelled(.deadline)
            error.notStarted = call.connection == 0
            connection(call.connection)?.lost.expired(id, at: now)
            cancel(id, reason: "deadline")
            call.receiver.callFailed(error)
        }
        if let time = endStalledChunks(now: now) { next = min(next ?? time, time) }
        if let time = leaveSwallowingServer(at: now) { next = min(next ?? time, time) }
        if let next { wake(at: next) }
        reconnectIfDue(now: now)
    }

    /// When the client itself ends a call. A server that was told the time ends it first, and says more about it.
    private func lastTime(of call: Call) -> NIODeadline? {
        guard let deadline = call.deadline, let connection = connection(call.connection),
            connection.takesMeta
        else { return call.deadline }
        return deadline + TimeAmount(configuration.deadlineGrace)
    }
}

extension PendingCalls<RPCLoopClient.Call> {
    /// Remembers where and with which write a call leaves.
    @inline(__always)
    mutating func sent(_ id: UInt64, credit: Int, on connection: ClientConnection) {
        change(id) { call in
            call.request = nil
            call.credit = credit
            call.connection = connection.number
            call.write = connection.writer.writeNumber &+ 1
        }
    }
}

extension RPCLoopClient {
    /// Gives up a connection on which too many calls were never answered; its calls fail, the next one makes a new
    /// connection. Otherwise when to look again.
    private func leaveSwallowingServer(at now: NIODeadline) -> NIODeadline? {
        guard case .ready(let connection) = phase else { return nil }
        guard connection.lost.isTooMuchLost(at: now) else { return connection.lost.nextCount }
        connection.fail(.connectionLost("too many calls were never answered"))
        return nil
    }
}

extension RPCMessageID {
    /// The id as one of a client's own numbers.
    var number: UInt64? {
        token.withUnsafeReadableBytes { JSONScanner.integer($0) }.flatMap(UInt64.init(exactly:))
    }
}
