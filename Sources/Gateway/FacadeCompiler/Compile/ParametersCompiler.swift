/// Compiles an operation's path and query parameters; header and cookie parameters are documentation.
struct ParametersCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems
    let pattern: RoutePattern

    /// `lists` in the order of OpenAPI: the path's, then the operation's, which wins at the same name and place.
    func compile(_ lists: [DocumentNode?], rename: DocumentNode.Member?, line: Int) -> [RequestParameter] {
        var found: [String: (node: DocumentNode, position: Int)] = [:]
        for node in lists.compactMap({ $0 }) {
            guard let elements = node.elements else {
                problems.report(node.line, "expected parameters to be a list, found \(node.kind)")
                continue
            }
            for element in elements {
                guard let parameter = references.resolve(element), let key = key(parameter) else { continue }
                found[key] = (parameter, found[key]?.position ?? found.count)
            }
        }
        let renames = renames(rename)
        let parameters = found.values.sorted { $0.position < $1.position }.compactMap { parameter($0.node, renames) }
        check(parameters, line: line)
        checkRenames(rename, parameters)
        return parameters
    }

    /// Place and name, of those that become RPC parameters.
    private func key(_ node: DocumentNode) -> String? {
        Vocabulary.parameter.check(node, problems)
        guard let place = node["in"]?.string, ["path", "query", "header", "cookie"].contains(place) else {
            problems.report(node.line, "expected a parameter with in: path, query, header or cookie")
            return nil
        }
        guard let name = node["name"]?.string, !name.isEmpty else {
            problems.report(node.line, "expected a parameter with a name")
            return nil
        }
        return place == "path" || place == "query" ? "\(place) \(name)" : nil
    }

    private func parameter(_ node: DocumentNode, _ renames: [String: String]) -> RequestParameter? {
        guard let name = node["name"]?.string else { return nil }
        let isRequired = node["required"]?.bool ?? false
        let schema = SchemaCompiler(references: references, problems: problems).compile(node)
        guard node["in"]?.string == "path" else {
            return RequestParameter(
                source: .query, documentedName: name, name: renames[name] ?? name, isRequired: isRequired,
                schema: schema)
        }
        guard let position = pattern.parameterNames.firstIndex(of: name) else {
            problems.report(node.line, "the path has no '{\(name)}'")
            return nil
        }
        if !isRequired { problems.report(node.line, "expected required: true for the path parameter '\(name)'") }
        return RequestParameter(
            source: .path(position), documentedName: name, name: renames[name] ?? name, isRequired: true,
            schema: schema)
    }

    private func check(_ parameters: [RequestParameter], line: Int) {
        for (position, name) in pattern.parameterNames.enumerated()
        where !parameters.contains(where: { $0.source == .path(position) }) {
            problems.report(line, "'{\(name)}' of the path is not among the parameters")
        }
        let names = Dictionary(grouping: parameters, by: \.name)
        for (name, sharing) in names where sharing.count > 1 {
            problems.report(line, "two parameters would both be named '\(name)' in the call")
        }
    }

    private func renames(_ member: DocumentNode.Member?) -> [String: String] {
        guard let member else { return [:] }
        let pairs = (member.value.members ?? []).compactMap { pair in pair.value.string.map { (pair.name, $0) } }
        if pairs.count != member.value.members?.count {
            problems.report(member.line, "expected rename to be a mapping of documented names to parameter names")
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private func checkRenames(_ member: DocumentNode.Member?, _ parameters: [RequestParameter]) {
        for pair in member?.value.members ?? [] where !parameters.contains(where: { $0.documentedName == pair.name }) {
            problems.report(pair.line, "'\(pair.name)' is no path or query parameter of this operation")
        }
    }
}
