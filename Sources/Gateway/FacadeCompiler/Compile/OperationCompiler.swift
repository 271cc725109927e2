/// Compiles one operation: its `x-rpc` beside what OpenAPI says of parameters, body and responses.
struct OperationCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems
    let pattern: RoutePattern
    /// The parameters its path declares for all operations.
    let shared: DocumentNode?
    let success: DocumentNode?
    let errors: ErrorsCompiler.Sources

    /// Nil (and reported) if it can not be called at all.
    func compile(_ member: DocumentNode.Member, fallbackID: String) -> CompiledOperation? {
        let operation = member.value
        Vocabulary.operation.check(operation, problems)
        guard let call = operation.member("x-rpc") else {
            problems.report(member.line, "the operation has no x-rpc: nothing would answer it")
            return nil
        }
        Vocabulary.call.check(call.value, problems)
        let parameters = ParametersCompiler(references: references, problems: problems, pattern: pattern)
            .compile([shared, operation["parameters"]], rename: call.value.member("rename"), line: member.line)
        let body = RequestBodyCompiler(references: references, problems: problems)
            .compile(operation.member("requestBody"), call, parameters)
        let errorSources = ErrorsCompiler(problems: problems).operation(call.value["errors"], over: errors)
        return CompiledOperation(
            id: operation["operationId"]?.string ?? fallbackID, method: method(call),
            response: response(call.value["response"]), timeout: timeout(call.value["timeout"]), body: body.place,
            isBodyRequired: body.isRequired, isKeyed: isKeyed(call.value["keyed"]),
            successStatus: status(call.value["status"], operation["responses"]),
            security: SecurityCompiler(references: references, problems: problems).compile(
                operation.member("security")),
            parameters: parameters, success: template(call.value["success"] ?? success, parameters),
            errors: ErrorsCompiler(problems: problems).compile(errorSources, parameters: parameters))
    }

    private func method(_ call: DocumentNode.Member) -> String {
        let method = call.value["method"]
        if let name = method?.string, !name.isEmpty, !name.hasPrefix("rpc.") { return name }
        problems.report(method?.line ?? call.line, "expected the name of an RPC method, not one of the protocol's own")
        return ""
    }

    private func response(_ node: DocumentNode?) -> CompiledOperation.Response {
        guard let node else { return .json }
        if let response = node.string.flatMap(CompiledOperation.Response.init) { return response }
        problems.report(node.line, "expected response: json, stream or events")
        return .json
    }

    private func isKeyed(_ node: DocumentNode?) -> Bool {
        guard let node else { return false }
        if let flag = node.bool { return flag }
        problems.report(node.line, "expected keyed: true or false")
        return false
    }

    private func template(_ node: DocumentNode?, _ parameters: [RequestParameter]) -> Template {
        guard let node else { return Template(pieces: [.value(.result([]))]) }
        return TemplateCompiler.compile(node, TemplateScope(place: .success, parameters: parameters), problems)
    }

    /// `x-rpc`'s own status, else the first 2xx response documented.
    private func status(_ node: DocumentNode?, _ responses: DocumentNode?) -> Int {
        if let node {
            if let status = node.integer, (200..<300).contains(status) { return status }
            problems.report(node.line, "expected a success's HTTP status, 200 to 299")
        }
        let documented = (responses?.members ?? []).lazy.compactMap { Int($0.name) }
        return documented.first { (200..<300).contains($0) } ?? 200
    }

    /// `30s`, `500ms`, `5m`, or `job`; 30 s where nothing is said.
    private func timeout(_ node: DocumentNode?) -> Duration? {
        guard let node else { return .seconds(30) }
        guard let text = node.string else {
            problems.report(node.line, "expected a timeout such as 500ms, 30s, 5m or job")
            return nil
        }
        if text == "job" { return nil }
        let digits = text.prefix { $0.isNumber }
        if let value = Int(digits), value > 0, value <= timeoutValueMax {
            switch text.dropFirst(digits.count) {
            case "ms": return .milliseconds(value)
            case "s": return .seconds(value)
            case "m": return .seconds(value * 60)
            default: break
            }
        }
        problems.report(node.line, "expected a timeout such as 500ms, 30s, 5m or job, found '\(text)'")
        return nil
    }
}

/// Keeps the arithmetic of a mistyped timeout in bounds.
private let timeoutValueMax = 1_000_000
