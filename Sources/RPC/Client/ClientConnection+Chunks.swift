import JSONBytes
import NIOCore

/// Calls that leave in chunks, replies that arrive in them, and byte streams.
extension ClientConnection {
    func handle(_ frame: ExtendedFrame) {
        guard let fields = JSONFields(validating: frame.header), let id = fields.any("id").map(RPCMessageID.init) else {
            return fail(.malformed("the header of an extended frame is no message"))
        }
        let isLast = !frame.flags.contains(.more)
        if frame.flags.contains(.opaque) {
            if let content = RPCContent(json: fields.raw("content", .object)) {
                client.received(content, for: id, on: self)
            }
            client.received(chunk: frame.payload, isLast: isLast, for: id, on: self)
        } else {
            handle(frame.payload, of: id, meta: fields.raw("meta", .object), isLast: isLast)
        }
    }

    /// A chunk of a reply; a late one of a call given up finds nobody.
    private func handle(_ payload: ByteBuffer, of id: RPCMessageID, meta: ByteBuffer?, isLast: Bool) {
        let now = eventLoop.now
        if incoming.contains(id) {
            take(incoming.append(payload, to: id, isLast: isLast, room: room, now: now), of: id)
        } else if isLast {
            whole(payload, of: id, meta: meta)
        } else if let credit = client.credit(of: id, on: self) {
            let step = incoming.begin(
                id, head: meta, payload: payload, credit: credit, room: room, now: now)
            take(step, of: id)
        }
    }

    /// A reply whose result stands beside its header.
    private func whole(_ result: ByteBuffer, of id: RPCMessageID, meta: ByteBuffer?) {
        do throws(JSONSyntaxError) {
            if let checked = reader.takeCheck() {
                try checked.verdict()
            } else {
                try result.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                    try JSONValidator.validate(bytes, depthMax: RequestParser.depthMax - 1)
                }
            }
        } catch {
            return fail(.malformed("the reply is not JSON: \(error)"))
        }
        if let meta { client.received(replyMeta: meta, for: id, on: self) }
        client.finished(id, .success(result), on: self)
    }

    private func take(_ step: ChunkAssembly<ByteBuffer?>.Step, of id: RPCMessageID) {
        switch step {
        case .taken, .unknown: break
        case .grant(let count): sendCredit(count, id: id)
        case .whole(let meta, let result):
            if let meta { client.received(replyMeta: meta, for: id, on: self) }
            client.finished(id, .success(result), on: self)
            grantDueCredits()
        case .refuse(let error) where error.code == RPCError.parseError:
            fail(.malformed("the reply in chunks is not JSON"))
        case .refuse(let error): client.giveUp(id, error, on: self)
        }
        if let time = incoming.silenceTime(after: chunkPatience) { client.wake(at: time) }
    }

    /// What the budgets leave to replies in chunks. None is refused: its work is done.
    private var room: OctetRoom {
        charge.begin()
        return charge.room(others: 0, mayRefuse: false)
    }

    /// Counts what has arrived of long replies; what is complete belongs to whoever asked for it.
    func settleCharge() {
        let held = incoming.byteCount + reader.byteCount
        guard charge.needsSettling(held: held) else { return }
        charge.settle(held: held, isUnfinished: !incoming.isEmpty)
        if !incoming.isEmpty, charge.isBlocked(others: 0) { awaitBudget() }
    }

    /// Gives the credits withheld when octets have become free or another message is the oldest.
    private func awaitBudget() {
        guard !awaitsBudget else { return }
        awaitsBudget = true
        charge.wait(others: 0) { [weak self] in
            guard let self else { return }
            self.eventLoop.execute {
                self.awaitsBudget = false
                self.grantDueCredits()
                self.settleCharge()
            }
        }
    }

    private func grantDueCredits() {
        guard !incoming.isEmpty else { return }
        for (id, count) in incoming.dueGrants(room: room, now: eventLoop.now) { sendCredit(count, id: id) }
    }

    private func sendCredit(_ count: Int, id: RPCMessageID) {
        writer.outbox.appendCredit(count, id: id)
        writer.added()
    }

    /// What is left of a call that is over for the client: half a question, or half an answer.
    func forgetChunks(of id: UInt64) {
        let id = RPCMessageID(id)
        _ = outgoing.remove(id)
        guard incoming.remove(id) != nil else { return }
        settleCharge()
        grantDueCredits()
    }

    var hasChunks: Bool { !outgoing.isEmpty || !incoming.isEmpty }

    /// Gives up the calls that came to a halt half-way; when to look again.
    func endStalledChunks(now: NIODeadline) -> NIODeadline? {
        for id in incoming.removeSilent(now: now, after: chunkPatience) {
            let text = "the next chunk of the reply did not come in time"
            client.giveUp(id, RPCError(.deadlineExceeded, reason: "frame", text), on: self)
        }
        for (id, _) in outgoing.removeStalled(now: now, after: creditPatience) {
            client.giveUp(id, .cancelled(.stalled), on: self)
        }
        return [incoming.silenceTime(after: chunkPatience), stallTime].compactMap { $0 }.min()
    }

    /// When the first call in chunks will have waited too long for a credit.
    var stallTime: NIODeadline? { outgoing.queue.stallTime(after: creditPatience) }

    private var chunkPatience: TimeAmount { TimeAmount(configuration.chunkDuration) }
    private var creditPatience: TimeAmount { TimeAmount(configuration.creditDuration) }
}

extension RPCLoopClient {
    /// A call that does not fit into one plain frame: in chunks, or not at all.
    func send(_ id: UInt64, large request: RPCCallRequest, _ params: ByteBuffer, on connection: ClientConnection) {
        guard params.readableBytes <= connection.peerFrameBytesMax else {
            let error = RPCError.tooLong(limit: connection.peerFrameBytesMax, length: params.readableBytes)
            return eventLoop.execute { self.end(id, error) }
        }
        let meta = connection.takesMeta ? request.meta.json : nil
        if let meta, meta.readableBytes > RPCMeta.bytesMax { return refuse(id, metaBytes: meta.readableBytes) }
        let head = Envelope.head(id: String(id), method: request.method, meta: meta)
        guard connection.features?.contains(.xframe) == true, head.readableBytes <= ExtendedFrame.headerBytesMax else {
            return send(id, plain: request, on: connection)
        }
        calls.sending(id, on: connection)
        connection.outgoing.send(
            id: RPCMessageID(id), head: head, payload: params, credit: RPCStreamOptions.creditDefault, owner: id)
    }

    /// True while a call sent on that connection has no reply.
    func isAwaited(_ id: RPCMessageID, on connection: ClientConnection) -> Bool {
        credit(of: id, on: connection) != nil
    }

    /// What the server of a call may still send; nil when it was not sent on that connection, or has its reply.
    func credit(of id: RPCMessageID, on connection: ClientConnection) -> Int? {
        guard let call = id.number.flatMap({ calls[$0] }), call.connection == connection.number else { return nil }
        return call.credit
    }

    /// Ends a call that cannot come to its end; the server is told.
    func giveUp(_ id: RPCMessageID, _ error: RPCError, on connection: ClientConnection) {
        guard isAwaited(id, on: connection), let number = id.number, let call = calls[number] else { return }
        cancel(number, reason: error.reason ?? "requested")
        call.receiver.callFailed(error)
    }

    /// Looks after messages in chunks on all connections; when to look again.
    func endStalledChunks(now: NIODeadline) -> NIODeadline? {
        var connections = retiring
        if case .ready(let connection) = phase { connections.append(connection) }
        return connections.filter(\.hasChunks).compactMap { $0.endStalledChunks(now: now) }.min()
    }
}

extension PendingCalls<RPCLoopClient.Call> {
    /// As far ahead as numbers of writes can tell: not before the last chunk a call may have begun.
    private static var notYet: UInt32 { 1 << 30 }

    /// Remembers that a call's last chunk has not left.
    mutating func sending(_ id: UInt64, on connection: ClientConnection) {
        change(id) { $0.write = connection.writer.writeNumber &+ Self.notYet }
    }

    /// Remembers with which write a call's last chunk left.
    mutating func sentLastChunk(_ id: UInt64, on connection: ClientConnection) {
        change(id) { $0.write = connection.writer.writeNumber }
    }
}
