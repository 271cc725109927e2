/// A façade's document: OpenAPI 3.1 with `x-facade` and `x-rpc`, as `protocol/rest/README.md` describes.
package struct FacadeDocument {
    /// Checks a whole document and turns it into tables; throws every problem found, with its line.
    ///
    /// `file` is only for the messages.
    package static func compile(yaml: [UInt8], file: String) throws(FacadeError) -> CompiledFacade {
        guard let text = String(validating: yaml, as: UTF8.self) else {
            throw FacadeError(problems: [.init(file: file, line: 1, reason: "expected UTF-8")])
        }
        let root = try YAMLDocument.parse(text, file: file)
        let problems = FacadeProblems(file: file)
        let facade = DocumentCompiler(root: root, problems: problems).compile()
        if let error = problems.error { throw error }
        guard let facade else { throw FacadeError(problems: [.init(file: file, line: 1, reason: "expected a façade")]) }
        return facade
    }
}
