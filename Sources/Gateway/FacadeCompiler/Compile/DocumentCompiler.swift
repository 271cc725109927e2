/// Walks a document from its root: the façade's own words, then every path.
struct DocumentCompiler {
    let root: DocumentNode
    let problems: FacadeProblems

    /// Nil only if something was reported.
    func compile() -> CompiledFacade? {
        guard root.members != nil else {
            problems.report(root.line, "expected an OpenAPI document, found \(root.kind)")
            return nil
        }
        Vocabulary.document.check(root, problems)
        checkHead()
        let references = DocumentReferences(root: root, problems: problems)
        references.checkAll()
        guard let facade = root.member("x-facade") else {
            problems.report(root.line, "expected x-facade with the façade's name and listen address")
            return nil
        }
        Vocabulary.facade.check(facade.value, problems)
        let errors = ErrorsCompiler(problems: problems).facade(facade)
        var paths = PathsCompiler(
            references: references, problems: problems, success: facade.value["success"], errors: errors)
        paths.add(root.member("paths"))
        return CompiledFacade(
            name: name(facade), listen: listen(facade), router: paths.routes.build(), operations: paths.operations,
            openAPI: root.publicJSON,
            errors: ErrorsCompiler(problems: problems).compile(errors, parameters: nil))
    }

    private func checkHead() {
        let version = root["openapi"]
        if version?.string?.hasPrefix("3.1.") != true {
            problems.report(version?.line ?? root.line, "expected openapi: 3.1.x")
        }
        for word in ["title", "version"] where root["info"]?[word]?.string == nil {
            problems.report(root["info"]?.line ?? root.line, "expected info with a text for \(word)")
        }
    }

    private func name(_ facade: DocumentNode.Member) -> String {
        let name = facade.value["name"]
        if let text = name?.string, !text.isEmpty, text.utf8.allSatisfy(isNameOctet) { return text }
        problems.report(name?.line ?? facade.line, "expected a name of lower-case letters, digits and '-'")
        return ""
    }

    private func listen(_ facade: DocumentNode.Member) -> String {
        let listen = facade.value["listen"]
        let text = listen?.string ?? ""
        if HostPort(text) != nil { return text }
        problems.report(listen?.line ?? facade.line, "expected listen: HOST:PORT, found '\(text)'")
        return ""
    }
}

private func isNameOctet(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
}
