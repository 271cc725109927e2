import JSONBytes

/// The word `repeat` of the cases: `{"repeat": N, "of": X}` stands for X so many times, with `<n>` counted from 0.
enum VectorRepeat {
    /// The elements of a list, with what is repeated written out.
    static func expanded(_ list: [JSONValue]) -> [JSONValue] {
        list.flatMap { item -> [JSONValue] in
            guard let count = item["repeat"]?.integer, let template = item["of"] else { return [nested(item)] }
            return (0..<count).map { nested(counted(template, $0)) }
        }
    }

    /// A text, or a list of parts of which each is a text or a repeated one.
    static func text(_ value: JSONValue?) -> String? {
        guard let parts = value?.elements else { return value?.string }
        return parts.map { part in
            guard let count = part["repeat"]?.integer, let text = part["of"]?.string else { return part.string ?? "" }
            guard text.contains(placeholder) || part["between"] != nil else {
                return String(repeating: text, count: count)
            }
            return (0..<count).map { replaced(text, $0) }.joined(separator: part["between"]?.string ?? "")
        }.joined()
    }

    private static let placeholder = "<n>"

    /// A batch inside a list of patterns may hold repeated ones, too.
    private static func nested(_ value: JSONValue) -> JSONValue {
        value.elements.map { .array(expanded($0)) } ?? value
    }

    private static func counted(_ value: JSONValue, _ number: Int) -> JSONValue {
        switch value {
        case .string(placeholder): .number(String(number))
        case .string(let text): .string(replaced(text, number))
        case .array(let elements): .array(elements.map { counted($0, number) })
        case .object(let members): .object(members.map { JSONMember($0.key, counted($0.value, number)) })
        default: value
        }
    }

    private static func replaced(_ text: String, _ number: Int) -> String {
        text.split(separator: placeholder, omittingEmptySubsequences: false).joined(separator: String(number))
    }
}
