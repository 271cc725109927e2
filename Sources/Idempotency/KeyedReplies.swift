import Database
import NIOCore

/// Replies kept under the keys of their calls, inside a transaction.
struct KeyedReplies {
    private let transaction: any Transaction

    init(_ transaction: any Transaction) {
        self.transaction = transaction
    }

    struct Kept: Sendable {
        var paramsHash: [UInt8]
        var reply: ByteBuffer
    }

    /// What is kept under the key of this call, unless it is too old.
    func reply(of call: KeyedCall) throws -> Kept? {
        let row = try transaction.queryOne(
            """
            SELECT params_hash, reply FROM keyed_calls
            WHERE method = \(call.place.method) AND principal = \(call.place.principal) AND key = \(call.place.key)
                AND created_at > \(call.time - call.lifetime)
            """)
        guard let row else { return nil }
        return Kept(
            paramsHash: try row.get("params_hash"), reply: ByteBuffer(bytes: try row.get("reply", as: [UInt8].self)))
    }

    /// - Returns: False when there is a reply under the key already.
    func insert(_ reply: ByteBuffer, of call: KeyedCall) throws -> Bool {
        let place = call.place
        try transaction.execute(
            """
            DELETE FROM keyed_calls WHERE method = \(place.method) AND principal = \(place.principal)
                AND key = \(place.key) AND created_at <= \(call.time - call.lifetime)
            """)
        let inserted = try transaction.execute(
            """
            INSERT INTO keyed_calls (method, principal, key, params_hash, reply, created_at)
            VALUES (\(place.method), \(place.principal), \(place.key), \(call.paramsHash),
                \(Array(reply.readableBytesView)), \(call.time))
            ON CONFLICT (method, principal, key) DO NOTHING
            """)
        return inserted == 1
    }

    /// Removes replies made before then, in milliseconds since 1970; answers how many, `rowsMax` at most.
    func remove(before time: Int64, rowsMax: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM keyed_calls WHERE id IN (
                SELECT id FROM keyed_calls WHERE created_at <= \(time) ORDER BY created_at LIMIT \(rowsMax))
            """)
    }
}
