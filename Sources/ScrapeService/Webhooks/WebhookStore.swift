import Database
import JobQueue
import Secrets

/// Reads and writes webhooks inside a transaction.
struct WebhookStore {
    /// Of one task.
    static let webhooksMax = 10

    let transaction: any Transaction
    let sealer: SecretSealer

    init(_ transaction: any Transaction, _ sealer: SecretSealer) {
        self.transaction = transaction
        self.sealer = sealer
    }

    /// In the order in which they were made.
    func webhooks(of task: Int64) throws -> [Webhook] {
        try Self.webhooks(of: task, in: transaction)
    }

    static func webhooks(of task: Int64, in transaction: any Transaction) throws -> [Webhook] {
        try transaction.query("SELECT * FROM scrape_webhooks WHERE task = \(task) ORDER BY id").map(Webhook.init)
    }

    func webhook(_ name: String) throws -> Webhook? {
        try transaction.queryOne("SELECT * FROM scrape_webhooks WHERE name = \(name)").map(Webhook.init)
    }

    func insert(_ change: WebhookChange, name: String, task: Int64, at now: Int64) throws {
        let events = change.events ?? Set(WebhookEvent.allCases)
        try transaction.execute(
            """
            INSERT INTO scrape_webhooks (name, task, url, events, sealed, created_at)
            VALUES (\(name), \(task), \(change.url ?? ""), \(Self.text(events)),
                \(try sealed(change.secret.applied(to: nil), name)), \(now))
            """)
    }

    func update(_ webhook: Webhook, _ change: WebhookChange, at now: Int64) throws {
        let sealed =
            switch change.secret {
            case .kept: webhook.sealed
            case .set(let secret): try sealed(secret, webhook.name)
            }
        try transaction.execute(
            """
            UPDATE scrape_webhooks SET url = \(change.url ?? webhook.url),
                events = \(Self.text(change.events ?? webhook.events)), sealed = \(sealed), updated_at = \(now)
            WHERE id = \(webhook.id)
            """)
    }

    /// Its receiver is told nothing any more, not even what waits.
    static func delete(_ webhook: Webhook, in transaction: any Transaction) throws {
        try transaction.execute("DELETE FROM scrape_webhooks WHERE id = \(webhook.id)")
        try DeliveryLog(transaction).forget(signedBy: webhook.name)
    }

    /// The secret that signs; nil where that is the service's.
    func secret(of webhook: Webhook) throws -> String? {
        try webhook.sealed.map { try sealer.open($0, of: Self.owner(webhook.name)) }
    }

    /// Seals with the present key what older ones have sealed.
    func reseal() throws {
        for webhook in try transaction.query("SELECT * FROM scrape_webhooks WHERE sealed IS NOT NULL").map(Webhook.init)
        {
            guard let sealed = webhook.sealed, sealer.isOutdated(sealed) else { continue }
            let anew = try self.sealed(try secret(of: webhook), webhook.name)
            try transaction.execute("UPDATE scrape_webhooks SET sealed = \(anew) WHERE id = \(webhook.id)")
        }
    }

    private func sealed(_ secret: String?, _ name: String) throws -> [UInt8]? {
        try secret.map { try sealer.seal($0, for: Self.owner(name)) }
    }

    private static func owner(_ name: String) -> String { "webhook \(name)" }

    private static func text(_ events: Set<WebhookEvent>) -> String {
        WebhookEvent.allCases.filter(events.contains).map(\.rawValue).joined(separator: ",")
    }
}
