import NIOCore

/// From answers to octets, gathered until the end of the loop's tick.
extension ServerConnection {
    /// Whether byte streams go out as chunks.
    var takesChunks: Bool { features.contains(.xframe) && features.contains(.stream) }

    func reply(to call: RPCServerCall, _ outcome: Result<ByteBuffer, RPCError>) {
        guard let id = call.id else { return }
        if case .success(let result) = outcome, result.readableBytes > plainReplyBytesMax, call.batch == nil {
            return reply(to: call, large: result)
        }
        guard !call.replyMeta.isEmpty, features.contains(.meta), call.batch == nil else {
            return reply(id: id, batch: call.batch, outcome)
        }
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendReply(id: id, meta: call.replyMeta.json, outcome)
        writer.added()
    }

    func reply(
        id: RPCMessageID, batch: (reply: BatchReply, index: Int)?, _ outcome: Result<ByteBuffer, RPCError>
    ) {
        guard phase != .discarding, phase != .closed else { return }
        if let batch {
            if let whole = batch.reply.set(batch.index, id: id, outcome) { send(plain: whole) }
            return
        }
        switch outcome {
        case .success(let result): writer.outbox.appendReply(id: id, result: result)
        case .failure(let error): writer.outbox.appendReply(id: id, error: error.json)
        }
        writer.added()
    }

    func send(plain json: ByteBuffer) {
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendPlain(json)
        writer.added()
    }

    func sendEvent(_ event: RPCEvent, id: RPCMessageID) {
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendRequest(id: nil, method: "rpc.event", meta: nil, params: event.parameters(id: id))
        writer.added()
    }

    func sendChunk(_ octets: ByteBuffer, id: RPCMessageID, content: RPCContent?, isLast: Bool) {
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendChunk(
            id: id, content: content?.json, payload: octets, flags: isLast ? .opaque : [.opaque, .more])
        writer.added()
    }
}
