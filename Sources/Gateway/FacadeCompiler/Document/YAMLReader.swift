import JSONBytes
import Yams

/// Turns the YAML library's tree into ours.
///
/// Aliases share their nodes there and are written out here: a few lines could grow beyond any memory and nest beyond
/// any stack, so both are limited.
struct YAMLReader {
    /// Values of a document, aliases written out.
    static let nodesMax = 100_000
    /// Lists and mappings around a value.
    static let depthMax = 256

    /// For the messages.
    let file: String
    private var count = 0

    init(file: String) {
        self.file = file
    }

    /// The tree of a document's root.
    mutating func read(_ root: Node) throws(FacadeError) -> DocumentNode {
        try node(root, line: 1, depth: 0)
    }

    /// `line` stands for that of a node that has none.
    private mutating func node(_ node: Node, line: Int, depth: Int) throws(FacadeError) -> DocumentNode {
        let line = node.mark?.line ?? line
        count += 1
        if count > Self.nodesMax { throw problem(line, "a document of more than \(Self.nodesMax) values") }
        if depth > Self.depthMax { throw problem(line, "nested more than \(Self.depthMax) levels deep") }
        switch node {
        case .scalar(let scalar): return DocumentNode(line: line, content: Self.content(of: scalar))
        case .sequence(let sequence):
            var elements: [DocumentNode] = []
            for element in sequence { elements.append(try self.node(element, line: line, depth: depth + 1)) }
            return DocumentNode(line: line, content: .array(elements))
        case .mapping(let mapping):
            return DocumentNode(line: line, content: .object(try members(mapping, line: line, depth: depth)))
        case .alias: return DocumentNode(line: line, content: .null)
        }
    }

    /// JSON's names are texts, and each stands once: YAML's `1` and `"1"` are one name.
    private mutating func members(
        _ mapping: Node.Mapping, line: Int, depth: Int
    ) throws(FacadeError) -> [DocumentNode.Member] {
        var names: Set<[UInt8]> = []
        var members: [DocumentNode.Member] = []
        for (key, value) in mapping {
            let line = key.mark?.line ?? line
            guard let name = key.scalar?.string else { throw problem(line, "expected a text as name") }
            guard names.insert(Array(name.utf8)).inserted else {
                throw problem(line, "the mapping names '\(name)' twice")
            }
            let value = try node(value, line: line, depth: depth + 1)
            members.append(DocumentNode.Member(name: name, line: line, value: value))
        }
        return members
    }

    private func problem(_ line: Int, _ reason: String) -> FacadeError {
        FacadeError(problems: [.init(file: file, line: line, reason: reason)])
    }

    /// YAML 1.2's JSON schema, not YAML 1.1's types: `no` and `2024-01-15` are strings.
    private static func content(of scalar: Node.Scalar) -> DocumentNode.Content {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        return switch scalar.string {
        case "", "~", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        case let text where isJSONNumber(text): .number(text)
        case let text: .string(text)
        }
    }

    private static func isJSONNumber(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { octets in
            let bytes = UnsafeRawBufferPointer(octets)
            guard JSONScanner.trimmed(bytes).count == bytes.count, JSONScanner.kind(of: bytes) == .number else {
                return false
            }
            return (try? JSONValidator.validate(bytes)) != nil
        }
    }
}
