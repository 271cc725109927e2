import NIOHTTP1

/// Whether a `Content-Type` names JSON: `application/json` or `application/….+json`, parameters aside.
///
/// A missing field is taken for JSON, because the body is checked anyway.
func isJSONMediaType(_ field: String?) -> Bool {
    guard let field else { return true }
    let essence = field.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
    if essence == "application/json" || essence == "text/json" { return true }
    return essence.hasPrefix("application/") && essence.hasSuffix("+json")
}

/// What keeps a request's body from being read as JSON, nil if nothing does. A body in a content coding (RFC 9110 §8.4)
/// is not decoded: decompression is not for strangers to ask for.
func foreignMediaType(of headers: HTTPHeaders) -> String? {
    if let type = headers.firstField("content-type"), !isJSONMediaType(type) { return type }
    if let coding = headers.firstField("content-encoding"), coding.lowercased() != "identity" { return coding }
    return nil
}
