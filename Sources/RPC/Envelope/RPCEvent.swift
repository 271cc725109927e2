public import NIOCore

/// What a call says before its reply.
public struct RPCEvent: Sendable, Hashable {
    /// How an event is treated on its way.
    public enum Kind: String, Sendable {
        /// The newest one replaces older ones not yet sent; at most ten a second.
        case progress
        /// Part of the answer: costs a credit, never dropped.
        case item
        /// A line for people.
        case log
    }

    /// Counts the events of one call from 1.
    public var seq: Int
    /// What may be done with it on the way.
    public var kind: Kind
    /// Raw JSON.
    public var data: ByteBuffer

    /// One event.
    public init(seq: Int, kind: Kind, data: ByteBuffer) {
        self.seq = seq
        self.kind = kind
        self.data = data
    }
}
