package import NIOCore

/// A request or notification, taken out of its frame.
package struct RequestEnvelope: Sendable, Equatable {
    /// Nil for a notification.
    package var id: RPCMessageID?
    package var method: String
    /// Raw JSON, an object or an array; nil when absent or null.
    package var params: ByteBuffer?
    /// A raw JSON object; its meaning depends on what was negotiated.
    package var meta: ByteBuffer?

    package init(id: RPCMessageID?, method: String, params: ByteBuffer? = nil, meta: ByteBuffer? = nil) {
        self.id = id
        self.method = method
        self.params = params
        self.meta = meta
    }

    /// The same with memory of its own, where it would keep a long frame alive of which it is the smaller part.
    ///
    /// What is charged for a call is what it holds then, but for a factor of two.
    package func detached(fromFrameOf frameBytes: Int) -> RequestEnvelope {
        guard frameBytes > Self.sharedBytesMax, byteCount < frameBytes / 2 else { return self }
        return RequestEnvelope(
            id: id.map { RPCMessageID(token: $0.token.copied) }, method: method, params: params?.copied,
            meta: meta?.copied)
    }

    /// So much is kept alive for a call without a second thought: copying costs more than it saves.
    private static let sharedBytesMax = 16 * 1024

    /// The same for a call that is going to wait: with memory of its own, where it would keep the whole of a read alive
    /// that brought it and others. Thousands that wait then hold what is charged for them, and not 64 KiB each.
    package func detachedFromRead() -> RequestEnvelope {
        let parts = [id?.token, params, meta].compactMap { $0 }
        let storageBytes = parts.lazy.map(\.storageCapacity).max() ?? 0
        let neededBytes = parts.reduce(0) { $0 + $1.readableBytes }
        guard ByteBuffer.isWasteful(storageBytes: storageBytes, neededBytes: neededBytes) else { return self }
        var memory = ByteBuffer()
        memory.reserveCapacity(neededBytes)
        for part in parts { memory.writeImmutableBuffer(part) }
        func next(_ part: ByteBuffer) -> ByteBuffer { memory.readSlice(length: part.readableBytes)! }
        return RequestEnvelope(
            id: id.map { RPCMessageID(token: next($0.token)) }, method: method, params: params.map(next),
            meta: meta.map(next))
    }

    /// Octets that waiting with this request keeps in memory.
    package var byteCount: Int {
        method.utf8.count + (params?.readableBytes ?? 0) + (meta?.readableBytes ?? 0)
    }
}

/// What a server finds in a frame.
package enum RequestMessage: Sendable {
    case single(RequestEnvelope)
    /// The elements' octets, each to be read as a message of its own.
    case batch([ByteBuffer])
    /// To be answered with this error and id.
    case invalid(RPCError, id: RPCMessageID)
}
