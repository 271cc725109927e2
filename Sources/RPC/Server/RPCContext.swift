public import Logging
public import NIOCore

/// A call, as its handler sees it: what was asked, by whom, until when; and a way to say something before the answer.
public struct RPCContext: Sendable {
    let call: RPCServerCall

    /// The method's name.
    public var method: String { call.method }
    /// Raw JSON, an object or an array, already validated; nil when there are none.
    public var params: ByteBuffer? { call.params }
    /// What the caller said beside the parameters; empty for a plain peer.
    public var meta: RPCMeta { call.meta }
    /// When the caller stops waiting; the handler's task is cancelled then.
    public var deadline: NIODeadline { call.deadline }
    /// The loop the handler runs on.
    public var eventLoop: any EventLoop { call.eventLoop }
    /// True when the caller, or whom the gateway calls for, never said hello: it gets one reply and nothing else, and
    /// may not take a long one.
    public let peerIsPlain: Bool

    init(call: RPCServerCall) {
        self.call = call
        peerIsPlain = call.peer.isPlain || call.meta.callerIsPlain
    }

    /// Names the method, the request and its trace in every line.
    public var logger: Logger { call.logger }

    /// Says something beside the answer, such as that it is a stored one; before the handler returns or throws. The
    /// caller hears it if it agreed on `meta`.
    public func setReplyMeta(_ change: @escaping @Sendable (inout RPCReplyMeta) -> Void) {
        call.onLoop { change(&call.replyMeta) }
    }

    /// Reports progress; at most ten reports a second are sent, the newest ones. Nothing happens if nobody listens.
    public func progress(_ json: ByteBuffer) {
        call.onLoop { call.progress(json) }
    }

    /// Says a line for people, which is not dropped. Nothing happens if nobody listens.
    public func log(_ json: ByteBuffer) {
        call.onLoop { call.log(json) }
    }

    /// Sends part of the answer and waits until the caller takes it. Returns at once if nobody listens; throws
    /// `CancellationError` when the call is over.
    public func item(_ json: ByteBuffer) async throws {
        try await withCheckedThrowingContinuation { sent in
            call.onLoop { call.item(json, sent: sent) }
        }
    }
}

/// Opens the byte stream that answers a call.
public struct RPCStreamOpener: Sendable {
    let call: RPCServerCall

    /// Says what follows; to be called once, before the first octet.
    public func open(_ content: RPCContent) async throws -> RPCStreamWriter {
        try await withCheckedThrowingContinuation { opened in
            call.onLoop {
                call.open(content)
                if call.isAnswered {
                    opened.resume(throwing: CancellationError())
                } else {
                    opened.resume(returning: RPCStreamWriter(call: call))
                }
            }
        }
    }
}

/// Writes the octets that answer a call.
public struct RPCStreamWriter: Sendable {
    let call: RPCServerCall

    /// Asks which of the next `count` octets, the last of the stream, the caller takes: all, or for a peer without
    /// x-frames its piece. To be asked by who can begin in the middle, and then only these are to be written.
    public func wanted(ofLast count: Int) async -> Range<Int> {
        await withCheckedContinuation { asked in
            call.onLoop { asked.resume(returning: call.wanted(ofLast: count)) }
        }
    }

    /// Sends octets in chunks of at most 64 KiB and waits until the caller takes the last of them. Throws
    /// `CancellationError` when nobody wants any more.
    public func write(_ octets: ByteBuffer) async throws {
        if octets.readableBytes == 0 { return }
        try await withCheckedThrowingContinuation { sent in
            call.onLoop { call.send(octets, sent: sent) }
        }
    }
}
