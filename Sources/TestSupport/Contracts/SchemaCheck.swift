package import JSONBytes

/// As much of JSON Schema as our own documents use.
package struct SchemaCheck: Sendable {
    let components: JSONValue

    /// What does not fit, nil when everything does.
    package func violation(of value: JSONValue, _ schema: JSONValue, at path: String = "$") -> String? {
        if let flag = schema.bool { return flag ? nil : "\(path): no schema" }
        if let reference = schema["$ref"]?.string {
            let name = String(reference.dropFirst("#/components/schemas/".count))
            return violation(of: value, components["schemas"]?[name] ?? false, at: path)
        }
        if let type = schema["type"], !types(type).contains(where: { isOf($0, value) }) {
            return "\(path): expected \(type), found \(value)"
        }
        if let allowed = schema["enum"]?.elements, !allowed.contains(value) {
            return "\(path): \(value) is none of \(allowed)"
        }
        if let least = schema["minimum"]?.double, let number = value.double, number < least {
            return "\(path): too small"
        }
        if let most = schema["maximum"]?.double, let number = value.double, number > most {
            return "\(path): too large"
        }
        if let pattern = schema["pattern"]?.string, let text = value.string, !matches(text, pattern) {
            return "\(path): \(text) does not match \(pattern)"
        }
        for name in schema["required"]?.elements ?? [] where value[name.string ?? ""] == nil {
            return "\(path): \(name) is missing"
        }
        for property in schema["properties"]?.members ?? [] {
            guard let member = value[property.key] else { continue }
            if let found = violation(of: member, property.value, at: "\(path).\(property.key)") { return found }
        }
        if let items = schema["items"] {
            for (index, element) in (value.elements ?? []).enumerated() {
                if let found = violation(of: element, items, at: "\(path)[\(index)]") { return found }
            }
        }
        return nil
    }

    private func types(_ type: JSONValue) -> [String] {
        type.string.map { [$0] } ?? (type.elements ?? []).compactMap(\.string)
    }

    private func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("null", .null),
            ("number", .number):
            true
        case ("integer", .number): value.integer != nil
        default: false
        }
    }

    private func matches(_ text: String, _ pattern: String) -> Bool {
        (try? Regex(pattern).firstMatch(in: text)) != nil
    }
}
