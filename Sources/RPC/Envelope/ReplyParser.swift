import JSONBytes
package import NIOCore

/// What a client finds in a frame.
package enum ReplyMessage: Sendable {
    case success(id: RPCMessageID, result: ByteBuffer, meta: ByteBuffer?)
    case failure(id: RPCMessageID, RPCError, meta: ByteBuffer?)
    /// `rpc.event`, and whatever else the server says unasked.
    case notification(RequestEnvelope)
    /// Not JSON-RPC: the connection cannot be trusted any longer.
    case invalid(String)
}

/// Reads a frame's JSON as a reply or a notification from the server.
package enum ReplyParser {
    /// Reads one frame; one that was checked as it came is not looked through again.
    package static func parse(_ frame: ByteBuffer, checked: FrameCheck?) -> ReplyMessage {
        guard let checked else { return parse(frame) }
        do {
            try checked.verdict()
        } catch {
            return .invalid("the reply is not JSON: \(error)")
        }
        guard checked.kind == .object else { return .invalid("expected an object as reply") }
        do throws(EnvelopeFault) {
            return try reply(with: EnvelopeMembers(of: frame, checked.members))
        } catch {
            return .invalid(error.error.message)
        }
    }

    /// Reads one frame.
    package static func parse(_ frame: ByteBuffer) -> ReplyMessage {
        if let reply = fastPath(frame) { return reply }
        do {
            try frame.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                try JSONValidator.validate(bytes, depthMax: RequestParser.depthMax)
            }
        } catch {
            return .invalid("the reply is not JSON: \(error)")
        }
        do throws(EnvelopeFault) {
            return try scan(frame)
        } catch {
            return .invalid(error.error.message)
        }
    }

    private static func fastPath(_ frame: ByteBuffer) -> ReplyMessage? {
        frame.withUnsafeReadableBytes { bytes in
            var cursor = EnvelopeCursor(bytes)
            guard cursor.skip(#"{"jsonrpc":"2.0","id":"#), let id = cursor.idToken() else { return nil }
            var meta: Range<Int>?
            if cursor.skip(#","meta":"#) {
                meta = cursor.object(bytesMax: RPCMeta.bytesMax)
                guard meta != nil else { return nil }
            }
            guard cursor.skip(#","result":"#), let result = cursor.rest() else { return nil }
            return .success(
                id: RPCMessageID(token: frame.slice(id)), result: frame.slice(result), meta: meta.map(frame.slice))
        }
    }

    private static func scan(_ frame: ByteBuffer) throws(EnvelopeFault) -> ReplyMessage {
        guard RequestScan.kind(of: frame) == .object else { return .invalid("expected an object as reply") }
        return try reply(with: EnvelopeMembers(of: frame))
    }

    private static func reply(with members: EnvelopeMembers) throws(EnvelopeFault) -> ReplyMessage {
        if members.method != nil { return .notification(try RequestScan.request(with: members)) }
        guard members.version, let id = try members.checkedID() else {
            return .invalid("expected a reply with jsonrpc and id")
        }
        switch (members.result, members.error) {
        case (let result?, nil): return .success(id: id, result: result, meta: members.meta)
        case (nil, let error?): return .failure(id: id, RPCError(json: error), meta: members.meta)
        default: return .invalid("expected either result or error in a reply")
        }
    }
}
