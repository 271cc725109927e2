import RPC

/// Compiles the `errors` of a façade and of an operation.
struct ErrorsCompiler {
    /// An error's answer by its key, not yet compiled: every operation compiles them in its own scope.
    typealias Sources = [String: DocumentNode]

    let problems: FacadeProblems

    /// The façade's errors; it must answer every error there is.
    func facade(_ facade: DocumentNode.Member) -> Sources {
        let sources = sources(facade.value["errors"])
        if sources["default"] == nil {
            problems.report(
                facade.value.member("errors")?.line ?? facade.line,
                "no default error: an error that no other key matches would have no answer")
        }
        return sources
    }

    /// An operation's errors before its façade's: at the same key its own wins.
    func operation(_ errors: DocumentNode?, over facade: Sources) -> Sources {
        facade.merging(sources(errors)) { _, own in own }
    }

    /// Compiles all of them; `parameters` are the operation's, nil for a façade's own answers.
    func compile(_ sources: Sources, parameters: [RequestParameter]?) -> ErrorAnswers {
        ErrorAnswers(sources.mapValues { answer($0, parameters) })
    }

    private func sources(_ errors: DocumentNode?) -> Sources {
        guard let errors else { return [:] }
        guard let members = errors.members else {
            problems.report(errors.line, "expected errors to be a mapping of STATUS, STATUS.reason or default")
            return [:]
        }
        for member in members {
            checkKey(member)
            Vocabulary.error.check(member.value, problems)
            if member.value["body"] == nil {
                problems.report(member.line, "expected a body for the error '\(member.name)'")
            }
        }
        return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func checkKey(_ member: DocumentNode.Member) {
        if member.name == "default" { return }
        let parts = member.name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if RPCStatus(rawValue: String(parts[0])) == nil || parts.last?.isEmpty != false {
            problems.report(member.line, "expected STATUS, STATUS.reason or default, found '\(member.name)'")
        }
    }

    private func answer(_ node: DocumentNode, _ parameters: [RequestParameter]?) -> ErrorAnswer {
        let body = node["body"].map { template($0, .error, parameters) }
        let detail = node["detail"].map { template($0, .detail, parameters) }
        return ErrorAnswer(
            status: node["status"].flatMap(status), body: body ?? Template(pieces: []), detail: detail ?? .plainDetail)
    }

    private func template(
        _ node: DocumentNode, _ place: TemplateScope.Place, _ parameters: [RequestParameter]?
    ) -> Template {
        TemplateCompiler.compile(node, TemplateScope(place: place, parameters: parameters), problems)
    }

    private func status(_ node: DocumentNode) -> Int? {
        if let status = node.integer, (200..<600).contains(status) { return status }
        problems.report(node.line, "expected an HTTP status from 200 to 599")
        return nil
    }
}
