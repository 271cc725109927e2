import JSONBytes
import JobQueue
import RPC

extension WebhookChange {
    static let urlCharacters = 1...2_000

    /// Reads the body that makes or changes a webhook.
    ///
    /// - Parameter isNew: The URL is required.
    init(_ body: JSONValue, at path: FieldCheck.Path, isNew: Bool) throws(RPCError) {
        var fields = FieldCheck()
        guard case .object = body else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            throw .invalidArguments(fields.violations)
        }
        if isNew || body["url"] != nil {
            url = fields.text(body["url"], at: path + ["url"], Self.urlCharacters)
            if let url, !Self.isURL(url) {
                fields.refuse(
                    path + ["url"], "String should match pattern '^https?://[^@/]+(/.*)?$'",
                    type: "string_pattern_mismatch")
            }
        }
        if let value = body["events"] { events = Self.events(value, at: path + ["events"], &fields) }
        if let value = body["secret"] {
            let text = fields.optionalText(value, at: path + ["secret"], 1...1_000)
            if let text, WebhookSecret(text: text) == nil {
                fields.refuse(
                    path + ["secret"], "String should match pattern '^(whsec_)?[A-Za-z0-9+/]+=*$'",
                    type: "string_pattern_mismatch")
            }
            secret = .set(text)
        }
        try fields.check()
    }

    private static func events(
        _ value: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck
    ) -> Set<WebhookEvent>? {
        guard let elements = value.elements else {
            fields.refuse(path, "Input should be a valid list", type: "list_type")
            return nil
        }
        if elements.isEmpty {
            fields.refuse(
                path, "List should have at least 1 item after validation, not 0", type: "too_short")
        }
        let words = WebhookEvent.allCases.map(\.rawValue)
        return Set(
            elements.enumerated().compactMap { index, element in
                fields.word(element, at: path + [.index(index)], of: words).flatMap(WebhookEvent.init)
            })
    }

    /// Where it leads is decided when the connection is made; user and password would be shown with it.
    private static func isURL(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        return !authority.isEmpty && !authority.contains("@")
    }
}
