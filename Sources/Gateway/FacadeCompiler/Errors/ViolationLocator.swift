import RPC

/// Says where a client put the value that a violation found by the name of an RPC parameter is about.
struct ViolationLocator: Sendable {
    let parameters: [RequestParameter]
    let body: CompiledOperation.Body

    /// `["size"]` becomes `["query", "size"]`, a renamed parameter gets its documented name back, and what is no path
    /// or query value came in the body.
    func located(_ violation: RPCViolation) -> RPCViolation {
        var located = violation
        located.path = location(violation.path)
        return located
    }

    private func location(_ path: [RPCViolation.PathElement]) -> [RPCViolation.PathElement] {
        guard case .name(let name) = path.first else { return [.name("body")] + path }
        if let parameter = parameters.first(where: { $0.name == name }) {
            return [.name(parameter.source.name), .name(parameter.documentedName)] + path.dropFirst()
        }
        switch body {
        case .named(name): return [.name("body")] + path.dropFirst()
        case .named, .whole: return [.name("body")] + path
        case .none: return [.name("query")] + path
        }
    }
}
