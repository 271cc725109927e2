import Yams

/// Reads YAML text into `DocumentNode`s; only this file and `YAMLReader` know the YAML library.
enum YAMLDocument {
    /// Throws one problem: a text that is not YAML has no second one worth showing.
    static func parse(_ text: String, file: String) throws(FacadeError) -> DocumentNode {
        if let line = YAMLAliases.lineAboveLimit(in: text) {
            let reason = "more than \(YAMLAliases.countMax) aliases; $ref is not limited"
            throw FacadeError(problems: [.init(file: file, line: line, reason: reason)])
        }
        do {
            if let root = try Yams.compose(yaml: text) {
                var reader = YAMLReader(file: file)
                return try reader.read(root)
            }
        } catch let error as FacadeError {
            throw error
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
}
