/// One thing wrong with one parameter, in the words pydantic uses, which the documents' clients already know.
public struct RPCViolation: Error, Sendable, Hashable {
    /// One step from the root of the parameters to the offending value.
    public enum PathElement: Sendable, Hashable {
        case name(String)
        case index(Int)
    }

    /// Where, from the root of the parameters; empty for the parameters as a whole.
    public var path: [PathElement]
    /// A sentence for people.
    public var message: String
    /// The kind of mistake: `missing`, `int_parsing`, `greater_than_equal`, `json_invalid`, …
    public var type: String

    /// A violation at a path.
    public init(path: [PathElement], message: String, type: String) {
        self.path = path
        self.message = message
        self.type = type
    }

    /// The path as people write it: `headers[3].name`.
    public var pathText: String {
        var text = ""
        for element in path {
            switch element {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text.isEmpty ? "parameters" : text
    }
}

extension RPCViolation.PathElement: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// A member's name.
    public init(stringLiteral value: String) { self = .name(value) }
    /// An element's index.
    public init(integerLiteral value: Int) { self = .index(value) }
}
