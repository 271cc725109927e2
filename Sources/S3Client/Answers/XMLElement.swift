/// An element of an answer: its name without a prefix, its text, and what it holds.
struct XMLElement: Equatable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    /// The first child of that name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// Why an answer is not read.
enum XMLFault: String, Error, CustomStringConvertible {
    case notUTF8 = "it is not UTF-8"
    case malformed = "it is not well-formed XML"
    case documentType = "it holds a document type, which is refused"
    case unknownEntity = "it holds an entity that XML does not define"
    case tooLarge = "it holds more or deeper elements than are read"

    var description: String { rawValue }
}
