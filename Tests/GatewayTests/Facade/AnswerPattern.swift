import JSONBytes

/// An expected body: JSON is compared without its whitespace, and `"<time>"` stands for any moment the gateway wrote.
enum AnswerPattern {
    /// The expected bytes, placeholders replaced by what the answer has there if it is of the right form.
    static func filled(_ expected: String, from answer: String) -> String {
        guard let pattern = try? JSONValue(parsing: Array(expected.utf8)) else { return expected }
        let found = (try? JSONValue(parsing: Array(answer.utf8))) ?? .null
        return String(decoding: fill(pattern, found).bytes, as: UTF8.self)
    }

    private static func fill(_ pattern: JSONValue, _ found: JSONValue?) -> JSONValue {
        switch pattern {
        case .string("<time>"): if let found, isTime(found) { found } else { pattern }
        case .array(let elements):
            .array(elements.enumerated().map { fill($1, found?[$0]) })
        case .object(let members):
            .object(members.map { JSONMember($0.key, fill($0.value, found?[$0.key])) })
        default: pattern
        }
    }

    /// `2023-05-10T12:34:56.789Z`
    private static func isTime(_ value: JSONValue) -> Bool {
        value.string?.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/) != nil
    }
}
