import JSONBytes

/// The rules of `source_raw`: a JSON array inside a string, its first element the header.
enum RawSourceRules {
    static let path = ["source_raw"]

    static func source(of body: JSONValue, _ fields: inout RequestFields) -> String? {
        guard let value = fields.required("source_raw", of: body, at: []) else { return nil }
        guard var text = value.string else {
            fields.refuse(
                path, "expected a string that holds a JSON array, found \(value.kindInWords)", type: "string_type")
            return nil
        }
        if let violation = text.withUTF8({ violation(in: UnsafeRawBufferPointer($0)) }) {
            fields.refuse(path, violation.message, type: violation.type)
            return nil
        }
        return text
    }

    /// What is wrong with the text, nil when nothing is.
    private static func violation(in bytes: UnsafeRawBufferPointer) -> (message: String, type: String)? {
        do {
            try JSONValidator.validate(bytes)
        } catch {
            return ("expected JSON: \(error)", "json_invalid")
        }
        guard JSONScanner.kind(of: bytes) == .array else { return ("expected a JSON array", "list_type") }
        var index = 0
        var wrong: Int?
        var columns = 0
        JSONScanner.forEachElement(of: bytes) { range in
            let element = JSONScanner.slice(bytes, range)
            guard JSONScanner.kind(of: element) == .object else {
                wrong = index
                return false
            }
            if index == 0 {
                JSONScanner.forEachMember(of: element) { _, _ in
                    columns += 1; return true
                }
            }
            index += 1
            return true
        }
        if let wrong { return ("expected an object as element \(wrong)", "dict_type") }
        guard columns > 0 else {
            return ("expected an object with at least one column as the first element, the header", "too_short")
        }
        return nil
    }
}
