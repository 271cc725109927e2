import JSONBytes
import Yams

/// Reads YAML text into `DocumentNode`s; the only file that knows the YAML library.
enum YAMLDocument {
    /// Throws one problem: a text that is not YAML has no second one worth showing.
    static func parse(_ text: String, file: String) throws(FacadeError) -> DocumentNode {
        do {
            if let root = try Yams.compose(yaml: text) { return node(root) }
        } catch let error as YamlError {
            throw problem(error, file: file)
        } catch {
            throw FacadeError(problems: [.init(file: file, line: 1, reason: "expected YAML: \(error)")])
        }
        throw FacadeError(problems: [.init(file: file, line: 1, reason: "expected a document, found an empty file")])
    }

    private static func problem(_ error: YamlError, file: String) -> FacadeError {
        let (line, reason): (Int, String) =
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                (mark.line, "expected YAML: \(problem)")
            case .duplicatedKeysInMapping(let duplicates, let context):
                (context.mark.line, "the mapping names '\(duplicates.sorted().joined(separator: "', '"))' twice")
            default:
                (1, "expected YAML: \(error)")
            }
        return FacadeError(problems: [.init(file: file, line: line, reason: reason)])
    }

    private static func node(_ node: Node) -> DocumentNode {
        let line = node.mark?.line ?? 1
        switch node {
        case .scalar(let scalar):
            return DocumentNode(line: line, content: content(of: scalar))
        case .sequence(let sequence):
            return DocumentNode(line: line, content: .array(sequence.map(Self.node)))
        case .mapping(let mapping):
            let members = mapping.map { key, value in
                DocumentNode.Member(
                    name: key.scalar?.string ?? "", line: key.mark?.line ?? line, value: Self.node(value))
            }
            return DocumentNode(line: line, content: .object(members))
        case .alias:
            return DocumentNode(line: line, content: .null)
        }
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
