import Crypto
package import Database
package import NIOCore
import RPC

/// A call that its caller may repeat under a key, and what that key stands for.
package struct KeyedCall: Sendable {
    /// Where a key is known: two callers, or two methods, may use the same one.
    struct Place: Hashable, Sendable {
        let method: String
        /// SHA-256 of who calls, as the gateway says; empty for callers nobody vouches for.
        let principal: [UInt8]
        let key: String
    }

    /// Longest reply that is kept, in octets; a keyed method's replies are shorter.
    package static let replyBytesMax = 64 * 1024

    let place: Place
    /// SHA-256 of the raw parameters: the same key with others is a mistake of the caller.
    let paramsHash: [UInt8]
    /// When it was made, in milliseconds since 1970, and how old a reply under the same key may be.
    let time: Int64
    let lifetime: Int64

    init(_ context: RPCContext, key: String, time: Int64, lifetime: Int64) {
        let principal = context.meta.principal.map { Array(SHA256.hash(data: Array($0.readableBytesView))) } ?? []
        place = Place(method: context.method, principal: principal, key: key)
        var hash = SHA256()
        context.params?.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        paramsHash = Array(hash.finalize())
        self.time = time
        self.lifetime = lifetime
    }

    /// Keeps the reply under the call's key. To be called in the transaction that has the call's effect, so that both
    /// are there or neither.
    ///
    /// Throws when another process was quicker with the same key; the transaction is to be given up then.
    package func keep(_ reply: ByteBuffer, in transaction: any Transaction) throws {
        guard reply.readableBytes <= Self.replyBytesMax else {
            throw RPCError(
                .internal, reason: "idempotency_reply",
                "expected a reply of at most \(Self.replyBytesMax) octets, found \(reply.readableBytes)")
        }
        guard try KeyedReplies(transaction).insert(reply, of: self) else { throw KeyTaken() }
    }
}

/// Another process has answered a call with this key meanwhile.
struct KeyTaken: Error {}
