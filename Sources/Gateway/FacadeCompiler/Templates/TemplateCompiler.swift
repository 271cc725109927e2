import JSONBytes

/// Turns the JSON of a template into pieces.
///
/// Invariant: `pending` holds fixed bytes not yet cut off; commas are decided here wherever it is known that something
/// stands before them, and left to the writer only behind members that may all be dropped.
struct TemplateCompiler {
    private let scope: TemplateScope
    private let problems: FacadeProblems
    private var pieces: [Template.Piece] = []
    private var pending: [UInt8] = []

    /// Compiles a template; what it names wrongly is reported and left out.
    static func compile(_ node: DocumentNode, _ scope: TemplateScope, _ problems: FacadeProblems) -> Template {
        var compiler = TemplateCompiler(scope: scope, problems: problems)
        compiler.value(node)
        compiler.cut()
        return Template(pieces: compiler.pieces)
    }

    private init(scope: TemplateScope, problems: FacadeProblems) {
        self.scope = scope
        self.problems = problems
    }

    private mutating func value(_ node: DocumentNode) {
        switch node.content {
        case .object(let members):
            container("{", "}", members.map { ($0.value, key($0.name)) })
        case .array(let elements):
            container("[", "]", elements.map { ($0, []) })
        case .string(let text) where text.hasPrefix("$$"):
            pending += DocumentNode(line: node.line, content: .string(String(text.dropFirst()))).json
        case .string(let text) where text.hasPrefix("$"):
            if text.hasSuffix("?") {
                problems.report(node.line, "'\(text)' can not be dropped: a '?' belongs to a member or an element")
            } else if let found = reference(text, node) {
                append(.value(found))
            }
        default:
            pending += node.json
        }
    }

    private mutating func container(_ open: Character, _ close: Character, _ items: [(DocumentNode, [UInt8])]) {
        pending += String(open).utf8
        var isFirst = true
        var isCertain = false
        for (node, name) in items {
            let before = isFirst ? name : [comma] + name
            isFirst = false
            if let text = node.string, text.hasPrefix("$"), !text.hasPrefix("$$"), text.hasSuffix("?") {
                if let found = reference(String(text.dropLast()), node) { append(.optional(before: before, found)) }
                continue
            }
            if isCertain || before.first != comma { pending += before } else { append(.joined(before)) }
            isCertain = true
            value(node)
        }
        pending += String(close).utf8
    }

    private func reference(_ text: String, _ node: DocumentNode) -> TemplateReference? {
        if let found = scope.reference(text.dropFirst()) { return found }
        problems.report(node.line, "'\(text)' names nothing here")
        return nil
    }

    private mutating func append(_ piece: Template.Piece) {
        cut()
        pieces.append(piece)
    }

    private mutating func cut() {
        if !pending.isEmpty { pieces.append(.fixed(pending)) }
        pending = []
    }

    private func key(_ name: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.key(name)
        return writer.bytes
    }
}

private let comma = UInt8(ascii: ",")
