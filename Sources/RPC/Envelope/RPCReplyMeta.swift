import JSONBytes
public import NIOCore

/// What a reply carries beside its result or error, between peers that agreed on `meta`.
///
/// Most replies carry nothing: members with nothing to say are left out, and so is an empty `meta`.
public struct RPCReplyMeta: Sendable, Hashable {
    /// Whole milliseconds from the call's arrival to its reply; the server fills it in.
    public var serverMilliseconds = 0
    /// How long the caller had better wait before it sends more of this kind; an error says so in its `data`.
    public var retryAfter: Duration?
    /// The stored reply of an earlier call with the same idempotency key: nothing was done now.
    public var isReplayed = false

    /// Nothing to say.
    public init() {}

    /// True when it is to be left out.
    package var isEmpty: Bool { serverMilliseconds == 0 && retryAfter == nil && !isReplayed }
}

extension RPCReplyMeta {
    /// Reads a reply's `meta`, an object already validated; unknown members and wrong kinds are ignored.
    package init(json: ByteBuffer) {
        guard let fields = JSONFields(json) else { return }
        serverMilliseconds = max(0, fields.integer("server_ms") ?? 0)
        retryAfter = fields.integer("retry_after_ms").map { .milliseconds(max(0, $0)) }
        isReplayed = fields.bool("replayed") ?? false
    }

    /// The object a reply carries.
    package var json: ByteBuffer {
        var writer = JSONWriter(reservingCapacity: 64)
        writer.beginObject()
        if serverMilliseconds > 0 { writer.member("server_ms", serverMilliseconds) }
        if let retryAfter { writer.member("retry_after_ms", retryAfter.wholeMilliseconds) }
        if isReplayed {
            writer.key("replayed")
            writer.bool(true)
        }
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}

/// A call's result and what came with it.
public struct RPCReply: Sendable {
    /// Raw JSON, validated.
    public var result: ByteBuffer
    /// Empty when the server said nothing.
    public var meta: RPCReplyMeta
}
