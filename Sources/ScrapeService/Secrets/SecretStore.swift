import Database
import Secrets
import XAPI

/// Something tasks name that has a secret.
enum SecretKind: String, CaseIterable, Sendable {
    /// Its secret is a bearer token.
    case account
    /// Its secret is a URL, which may hold a password.
    case proxy
}

/// An account or a proxy, without its secret.
struct SecretRecord: Sendable {
    let name: String
    let label: String
    /// Of a proxy: its URL without user and password.
    let shown: String?
    /// Of a proxy: whether tasks that name none go through it, or another one like it.
    let isShared: Bool
    /// Of a proxy: calls so far.
    let calls: ProxyCalls
    let createdAt: Int64
    let updatedAt: Int64?

    init(_ row: Row) throws {
        isShared = try row.get("is_shared", as: Int64.self) != 0
        calls = ProxyCalls(
            calls: try row.get("calls"), failures: try row.get("failures"),
            latencyMilliseconds: try row.get("latency_ms"))
        name = try row.get("name")
        label = try row.get("label")
        shown = try row.get("shown")
        createdAt = try row.get("created_at")
        updatedAt = try row.get("updated_at")
    }
}

/// What is to be kept of an account or a proxy; nil stays as it is.
struct SecretChange: Sendable {
    var label: String?
    var secret: String?
    var shown: String?
    var isShared: Bool?
}

/// Reads and writes accounts and proxies inside a transaction.
struct SecretStore {
    let transaction: any Transaction
    let sealer: SecretSealer

    init(_ transaction: any Transaction, _ sealer: SecretSealer) {
        self.transaction = transaction
        self.sealer = sealer
    }

    func record(_ kind: SecretKind, _ name: String) throws -> SecretRecord? {
        try transaction.queryOne(
            "SELECT * FROM scrape_secrets WHERE kind = \(kind.rawValue) AND name = \(name)"
        ).map(SecretRecord.init)
    }

    func records(_ kind: SecretKind, _ part: ListPart) throws -> (items: [SecretRecord], total: Int) {
        let total: Int =
            try transaction.value("SELECT count(*) FROM scrape_secrets WHERE kind = \(kind.rawValue)") ?? 0
        let rows = try transaction.query(
            """
            SELECT * FROM scrape_secrets WHERE kind = \(kind.rawValue) ORDER BY id DESC
            LIMIT \(part.size) OFFSET \(part.offset)
            """)
        return (try rows.map(SecretRecord.init), total)
    }

    /// The secret itself; nil for a name there is not.
    func secret(_ kind: SecretKind, _ name: String) throws -> String? {
        let sealed: [UInt8]? = try transaction.value(
            "SELECT sealed FROM scrape_secrets WHERE kind = \(kind.rawValue) AND name = \(name)")
        return try sealed.map { try sealer.open($0, of: Self.owner(kind, name)) }
    }

    /// - Returns: False when the name is taken.
    func insert(_ kind: SecretKind, _ name: String, _ change: SecretChange, at now: Int64) throws -> Bool {
        let sealed = try sealer.seal(change.secret ?? "", for: Self.owner(kind, name))
        return try transaction.execute(
            """
            INSERT INTO scrape_secrets (kind, name, label, shown, sealed, is_shared, created_at)
            VALUES (\(kind.rawValue), \(name), \(change.label ?? name), \(change.shown), \(sealed),
                \(change.isShared == true ? 1 : 0), \(now))
            ON CONFLICT (kind, name) DO NOTHING
            """) == 1
    }

    func update(_ kind: SecretKind, _ name: String, _ change: SecretChange, at now: Int64) throws {
        let condition: SQL = "WHERE kind = \(kind.rawValue) AND name = \(name)"
        try transaction.execute("UPDATE scrape_secrets SET updated_at = \(now) \(condition)")
        if let label = change.label {
            try transaction.execute("UPDATE scrape_secrets SET label = \(label) \(condition)")
        }
        if let isShared = change.isShared {
            try transaction.execute("UPDATE scrape_secrets SET is_shared = \(isShared ? 1 : 0) \(condition)")
        }
        if let secret = change.secret {
            let sealed = try sealer.seal(secret, for: Self.owner(kind, name))
            try transaction.execute(
                "UPDATE scrape_secrets SET sealed = \(sealed), shown = \(change.shown) \(condition)")
        }
    }

    /// All proxies that tasks without one go through.
    func sharedProxies() throws -> [XProxy] {
        try transaction.query(
            "SELECT name, sealed FROM scrape_secrets WHERE kind = 'proxy' AND is_shared = 1 ORDER BY id"
        ).map { row in
            let name: String = try row.get("name")
            return XProxy(name: name, url: try sealer.open(row.get("sealed"), of: Self.owner(.proxy, name)))
        }
    }

    func add(_ calls: ProxyCalls, to proxy: String) throws {
        try transaction.execute(
            """
            UPDATE scrape_secrets SET calls = calls + \(calls.calls), failures = failures + \(calls.failures),
                latency_ms = latency_ms + \(calls.latencyMilliseconds)
            WHERE kind = 'proxy' AND name = \(proxy)
            """)
    }

    func delete(_ kind: SecretKind, _ name: String) throws -> Bool {
        try transaction.execute(
            "DELETE FROM scrape_secrets WHERE kind = \(kind.rawValue) AND name = \(name)") == 1
    }

    /// Seals with the present key what older ones have sealed; throws when a key is missing.
    func reseal() throws {
        for row in try transaction.query("SELECT id, kind, name, sealed FROM scrape_secrets") {
            let sealed: [UInt8] = try row.get("sealed")
            guard sealer.isOutdated(sealed) else { continue }
            let owner = "\(try row.get("kind", as: String.self)) \(try row.get("name", as: String.self))"
            let anew = try sealer.seal(try sealer.open(sealed, of: owner), for: owner)
            let id: Int64 = try row.get("id")
            try transaction.execute("UPDATE scrape_secrets SET sealed = \(anew) WHERE id = \(id)")
        }
    }

    private static func owner(_ kind: SecretKind, _ name: String) -> String { "\(kind.rawValue) \(name)" }
}
