/// The words a document may use where, so that a misspelt one is not silently ignored.
enum Vocabulary: String {
    case document = "a document"
    case facade = "x-facade"
    case pathItem = "a path"
    case operation = "an operation"
    case call = "x-rpc"
    case parameter = "a parameter"
    case requestBody = "a request body"
    case error = "an error's answer"

    private var words: Set<String> {
        switch self {
        case .document:
            [
                "openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security",
                "tags", "externalDocs", "x-facade",
            ]
        case .facade: ["name", "listen", "success", "errors"]
        case .pathItem: Vocabulary.methods.union(["summary", "description", "servers", "parameters"])
        case .operation:
            [
                "tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody",
                "responses", "callbacks", "deprecated", "security", "servers", "x-rpc",
            ]
        case .call: ["method", "body", "response", "timeout", "success", "errors", "status", "rename", "keyed"]
        case .parameter:
            [
                "name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode",
                "allowReserved", "schema", "example", "examples", "content",
            ]
        case .requestBody: ["description", "content", "required"]
        case .error: ["status", "body", "detail"]
        }
    }

    /// OpenAPI's words for methods.
    static let methods: Set<String> = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// Reports whatever in a mapping is not among these words; other people's `x-` words are not ours to judge.
    func check(_ node: DocumentNode, _ problems: FacadeProblems) {
        guard let members = node.members else {
            problems.report(node.line, "expected \(rawValue) to be a mapping, found \(node.kind)")
            return
        }
        for member in members where !words.contains(member.name) {
            let isForeign = member.name.hasPrefix("x-") && !["x-rpc", "x-facade"].contains(member.name)
            if isForeign && self != .facade && self != .call && self != .error { continue }
            problems.report(member.line, "unknown word '\(member.name)' in \(rawValue)")
        }
    }
}
