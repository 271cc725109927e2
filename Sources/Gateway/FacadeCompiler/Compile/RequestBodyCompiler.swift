/// Says where an operation's body goes, and that it goes somewhere exactly if one is documented.
struct RequestBodyCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems

    func compile(
        _ requestBody: DocumentNode.Member?, _ call: DocumentNode.Member, _ parameters: [RequestParameter]
    ) -> (place: CompiledOperation.Body, isRequired: Bool) {
        guard let word = call.value["body"] else {
            if let requestBody {
                problems.report(requestBody.line, "the request body goes nowhere: x-rpc has no word body")
            }
            return (.none, false)
        }
        guard let requestBody else {
            problems.report(word.line, "x-rpc says where the body goes, but no requestBody is documented")
            return (.none, false)
        }
        let isRequired = isRequired(requestBody)
        guard let name = word.string, !name.isEmpty else {
            problems.report(word.line, "expected body: \"*\" or the name of a parameter")
            return (.none, false)
        }
        if name == "*" {
            if !parameters.isEmpty {
                problems.report(
                    word.line, "body: \"*\" would be merged with path or query parameters: give the body a name")
            }
            return (.whole, isRequired)
        }
        if parameters.contains(where: { $0.name == name }) {
            problems.report(word.line, "the body and another parameter are both named '\(name)'")
        }
        return (.named(name), isRequired)
    }

    private func isRequired(_ member: DocumentNode.Member) -> Bool {
        guard let body = references.resolve(member.value) else { return false }
        Vocabulary.requestBody.check(body, problems)
        if body["content"]?["application/json"] == nil {
            problems.report(member.line, "expected the request body's content to be application/json")
        }
        return body["required"]?.bool ?? false
    }
}
