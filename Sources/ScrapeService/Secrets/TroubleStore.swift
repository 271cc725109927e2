import Database
import JSONBytes

/// Why the API does not serve a credential any more, as far as the last execution has seen.
struct CredentialTrouble: Sendable {
    /// Reasons that are about the credential, and not about what was asked for.
    static let reasons: Set<String> = ["USAGE_CAP", "CREDITS", "AUTH"]

    /// The account's id; empty for the default one.
    let credential: String
    let reason: String
    let message: String
    let since: Int64

    init(_ row: Row) throws {
        credential = try row.get("credential")
        reason = try row.get("reason")
        message = try row.get("message")
        since = try row.get("since")
    }
}

/// Reads and writes what is known of refused credentials, inside a transaction. Nothing is kept from being tried.
struct TroubleStore {
    let transaction: any Transaction

    init(_ transaction: any Transaction) { self.transaction = transaction }

    func all() throws -> [CredentialTrouble] {
        try transaction.query("SELECT * FROM scrape_troubles ORDER BY since, credential").map(CredentialTrouble.init)
    }

    func trouble(of credential: String) throws -> CredentialTrouble? {
        try transaction.queryOne("SELECT * FROM scrape_troubles WHERE credential = \(credential)")
            .map(CredentialTrouble.init)
    }

    /// The instant stays that of the first refusal for this reason.
    func note(_ reason: String, _ message: String, of credential: String, at now: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO scrape_troubles (credential, reason, message, since)
            VALUES (\(credential), \(reason), \(message), \(now))
            ON CONFLICT (credential) DO UPDATE SET
                since = CASE WHEN scrape_troubles.reason = excluded.reason THEN scrape_troubles.since
                    ELSE excluded.since END,
                reason = excluded.reason, message = excluded.message
            """)
    }

    /// It has been served again, is another one now, or is gone.
    func clear(_ credential: String) throws {
        try transaction.execute("DELETE FROM scrape_troubles WHERE credential = \(credential)")
    }
}

extension JSONWriter {
    mutating func members(of trouble: CredentialTrouble) {
        text("reason", trouble.reason)
        text("message", trouble.message)
        text("since", UTCTime.text(trouble.since))
    }
}
