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
            return set(batch.index, of: batch.reply, id: id, outcome)
        }
        switch outcome {
        case .success(let result): writer.outbox.appendReply(id: id, result: result)
        case .failure(let error): writer.outbox.appendReply(id: id, error: error.json)
        }
        writer.added()
    }

    /// One answer of a batch is there; it is held until the last one is.
    func set(_ index: Int, of batch: BatchReply, id: RPCMessageID, _ outcome: Result<ByteBuffer, RPCError>) {
        let heldBytes = batch.heldBytes
        let whole = batch.set(index, id: id, outcome)
        heldByBatches += batch.heldBytes - heldBytes
        if let whole { finish(batch, whole) }
    }

    /// A batch is answered.
    func finish(_ batch: BatchReply, _ whole: ByteBuffer) {
        heldByBatches -= batch.heldBytes
        guard phase != .discarding, phase != .closed else { return }
        writer.outbox.appendPlain(whole)
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
