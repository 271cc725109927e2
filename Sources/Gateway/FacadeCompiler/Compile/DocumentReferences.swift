/// Follows `$ref` inside one document.
struct DocumentReferences {
    let root: DocumentNode
    let problems: FacadeProblems

    /// The node itself, or what it refers to; nil (and reported) if that does not exist.
    func resolve(_ node: DocumentNode) -> DocumentNode? {
        var node = node
        for _ in 0..<chainMax {
            guard let reference = node["$ref"] else { return node }
            guard let target = target(of: reference) else { return nil }
            node = target
        }
        problems.report(node.line, "a chain of more than \(chainMax) references")
        return nil
    }

    /// Reports every `$ref` of the document that leads nowhere.
    func checkAll() {
        check(root)
    }

    private func check(_ node: DocumentNode) {
        for element in node.elements ?? [] { check(element) }
        for member in node.members ?? [] {
            if member.name == "$ref" { _ = target(of: member.value) } else { check(member.value) }
        }
    }

    private func target(of reference: DocumentNode) -> DocumentNode? {
        guard let text = reference.string, text.hasPrefix("#/") else {
            problems.report(reference.line, "expected a reference that begins with '#/': a façade is one file")
            return nil
        }
        let found = text.dropFirst(2).split(separator: "/").reduce(Optional(root)) { node, step in
            node?[String(step).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
        if found == nil { problems.report(reference.line, "'\(text)' leads to nothing in this document") }
        return found
    }
}

/// More steps than any honest document takes; a reference to itself ends here.
private let chainMax = 16
