/// Whether a `Content-Type` names JSON: `application/json` or `application/….+json`, parameters aside.
///
/// A missing field is taken for JSON, because the body is checked anyway.
func isJSONMediaType(_ field: String?) -> Bool {
    guard let field else { return true }
    let essence = field.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
    if essence == "application/json" || essence == "text/json" { return true }
    return essence.hasPrefix("application/") && essence.hasSuffix("+json")
}
