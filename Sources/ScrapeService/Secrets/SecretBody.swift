import HTTPFetch
import JSONBytes
import RPC

/// The body that makes or changes an account or a proxy.
struct SecretBody {
    static let labelCharacters = 1...200
    static let secretCharacters = 1...4_000
    private static let schemes = ["http://", "https://", "socks5://", "socks5h://"]

    /// What the caller wants it to be called.
    let name: String?
    let change: SecretChange

    /// - Parameter isNew: The secret is required.
    init(_ body: JSONValue, _ kind: SecretKind, at path: FieldCheck.Path, isNew: Bool) throws(RPCError) {
        var fields = FieldCheck()
        guard case .object = body else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            throw .invalidArguments(fields.violations)
        }
        name = isNew ? fields.optionalText(body["id"], at: path + ["id"], TaskDraft.idCharacters) : nil
        var change = SecretChange()
        change.label = fields.optionalText(body["name"], at: path + ["name"], Self.labelCharacters)
        let member = kind == .account ? "bearer_token" : "url"
        if isNew || body[member] != nil {
            let place = path + [.name(member)]
            change.secret = fields.text(body[member], at: place, Self.secretCharacters)
            if let secret = change.secret, let pattern = Self.brokenPattern(kind, secret) {
                fields.refuse(place, "String should match pattern '\(pattern)'", type: "string_pattern_mismatch")
            }
            if kind == .proxy { change.shown = change.secret.flatMap { try? ProxyURL(parsing: $0) }?.shown }
        }
        if kind == .proxy { change.isShared = fields.flag(body["shared"], at: path + ["shared"]) }
        try fields.check()
        self.change = change
    }

    /// A secret is never repeated, not even a wrong one.
    private static func brokenPattern(_ kind: SecretKind, _ secret: String) -> String? {
        let isVisible = secret.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        switch kind {
        case .account: return isVisible ? nil : "^[!-~]+$"
        case .proxy:
            let host = schemes.first { secret.hasPrefix($0) }.map { secret.dropFirst($0.count) }
            let isURL = host?.contains("/") == false && (try? ProxyURL(parsing: secret)) != nil
            return isURL ? nil : "^(https?|socks5h?)://[^/]+$"
        }
    }
}
