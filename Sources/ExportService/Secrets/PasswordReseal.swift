import Database
import JSONBytes
import Secrets

/// Seals with the present key what older ones have sealed, so that those can go. Nothing to do with one key alone.
struct PasswordReseal: Sendable {
    /// Requests looked at by one transaction.
    static let batch = 500

    let passwords: PasswordKeeper
    let database: any Database

    func run() async throws {
        guard passwords.sealer.isChangingKeys else { return }
        var last = 0
        while true {
            let (passwords, begin) = (passwords, last)
            let end = try await database.write { try Self.reseal(after: begin, passwords, in: $0) }
            guard let end else { return }
            last = end
        }
    }

    /// - Returns: The last request that was looked at; nil if there was none.
    private static func reseal(
        after begin: Int, _ passwords: PasswordKeeper, in transaction: any Transaction
    ) throws -> Int? {
        let rows = try transaction.query(
            """
            SELECT export, hash_key, body FROM export_requests JOIN exports ON exports.id = export
            WHERE export > \(begin) ORDER BY export LIMIT \(batch)
            """)
        for row in rows {
            guard let key = HashKey(try row.get("hash_key", as: String.self)),
                let body = try passwords.resealed(JSONValue(parsing: row.get("body", as: [UInt8].self)), key)
            else { continue }
            let id: Int = try row.get("export")
            try transaction.execute(
                "UPDATE export_requests SET body = \(body.canonicalBytes) WHERE export = \(id)")
        }
        return try rows.last?.get("export")
    }
}
