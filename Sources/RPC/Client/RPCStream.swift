public import NIOCore

/// A byte stream that answers a call: its head, and its octets in chunks.
///
/// For one reader. What is read slowly is sent slowly; a stream forgotten before its end is cancelled. A cut stream
/// throws: its end is only clean when the server said so.
public struct RPCStream: AsyncSequence, Sendable {
    /// What follows.
    public let content: RPCContent
    let source: Source

    enum Source: Sendable {
        case inbox(InboxOwner<ByteBuffer>)
        case pieces(PieceReader)
    }

    /// Hands out the chunks.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var source: Source

        /// The next chunk; nil at the clean end.
        public mutating func next() async throws -> ByteBuffer? {
            switch source {
            case .inbox(let owner): return try await owner.inbox.next()
            case .pieces(var pieces):
                defer { source = .pieces(pieces) }
                return try await pieces.next()
            }
        }
    }

    /// To be made once.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source)
    }
}

/// What a call says before its reply, and the reply.
///
/// For one reader. Items wait at the server until they are read here; the call is cancelled when it is forgotten.
public struct RPCEventSequence: AsyncSequence, Sendable {
    let owner: InboxOwner<RPCEvent>

    /// Hands out the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let owner: InboxOwner<RPCEvent>

        /// The next event; nil when the reply is there. Throws the call's error.
        public mutating func next() async throws -> RPCEvent? {
            try await owner.inbox.next()
        }
    }

    /// To be made once.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(owner: owner)
    }

    /// Waits for the reply; events not asked for before are dropped.
    public func result() async throws -> ByteBuffer {
        try await owner.inbox.result()
    }
}
