/// Compiles what OpenAPI's `security` says of an operation, with the schemes it names.
struct SecurityCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems

    private var root: DocumentNode { references.root }

    /// What must be shown; nil where the document says nothing, empty where everybody may call.
    func compile(_ own: DocumentNode.Member?) -> [SecurityRequirement]? {
        guard let security = own ?? root.member("security") else { return nil }
        guard let elements = security.value.elements else {
            problems.report(security.line, "expected security to be a list, found \(security.value.kind)")
            return nil
        }
        return elements.map(requirement)
    }

    private func requirement(_ node: DocumentNode) -> SecurityRequirement {
        guard let members = node.members else {
            problems.report(node.line, "expected a mapping of security schemes, found \(node.kind)")
            return SecurityRequirement(parts: [])
        }
        return SecurityRequirement(
            parts: members.compactMap { member in
                scheme(member).map { .init(scheme: $0, scopes: member.value.elements?.compactMap(\.string) ?? []) }
            })
    }

    private func scheme(_ member: DocumentNode.Member) -> SecurityScheme? {
        guard let found = root["components"]?["securitySchemes"]?[member.name], let node = references.resolve(found)
        else {
            problems.report(member.line, "expected '\(member.name)' among components.securitySchemes")
            return nil
        }
        switch (node["type"]?.string, node["scheme"]?.string?.lowercased()) {
        case ("apiKey", _):
            if let name = node["name"]?.string, !name.isEmpty,
                let place = node["in"]?.string.flatMap(SecurityScheme.Place.init)
            {
                return .apiKey(in: place, name: name)
            }
            problems.report(node.line, "expected an apiKey with its name and in: header, query or cookie")
        case ("http", "bearer"), ("oauth2", _), ("openIdConnect", _): return .bearer
        default:
            problems.report(
                node.line, "expected a scheme of the type apiKey, http with bearer, oauth2 or openIdConnect")
        }
        return nil
    }
}
