/// A value of a façade's document with the line it stands on; members keep their order.
///
/// The tree of the YAML library ends here: scalars are already typed as JSON types them.
struct DocumentNode: Sendable {
    enum Content: Sendable {
        case null
        case bool(Bool)
        /// The number's text, which is valid JSON.
        case number(String)
        case string(String)
        case array([DocumentNode])
        case object([Member])
    }

    /// One member of an object; `line` is that of its name.
    struct Member: Sendable {
        let name: String
        let line: Int
        let value: DocumentNode
    }

    let line: Int
    let content: Content
}

extension DocumentNode {
    /// The members, if this is an object.
    var members: [Member]? {
        if case .object(let members) = content { members } else { nil }
    }

    var elements: [DocumentNode]? {
        if case .array(let elements) = content { elements } else { nil }
    }

    var string: String? {
        if case .string(let text) = content { text } else { nil }
    }

    var bool: Bool? {
        if case .bool(let value) = content { value } else { nil }
    }

    var integer: Int? {
        if case .number(let text) = content { Int(text) } else { nil }
    }

    var double: Double? {
        if case .number(let text) = content { Double(text) } else { nil }
    }

    subscript(name: String) -> DocumentNode? {
        member(name)?.value
    }

    func member(_ name: String) -> Member? {
        members?.first { $0.name == name }
    }

    /// What it is, for error messages.
    var kind: String {
        switch content {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "a mapping"
        }
    }
}
