import JSONBytes
import RPC

/// The rules of `password`, which opens the zip.
enum PasswordRules {
    static let member = "password"
    static let charactersMax = 128

    /// - Parameter isKept: There is a key to keep it with.
    static func password(of body: JSONValue, isKept: Bool, _ fields: inout RequestFields) -> String? {
        guard let value = fields.optional(member, of: body) else { return nil }
        guard isKept else {
            fields.refuse(
                [member], "expected no password, this service has no key to keep it with", type: "value_error")
            return nil
        }
        guard let text = fields.text(value, at: [member], charactersMax: charactersMax)
        else { return nil }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            fields.refuse([member], "expected a password without control characters", type: "value_error")
            return nil
        }
        return text
    }
}
