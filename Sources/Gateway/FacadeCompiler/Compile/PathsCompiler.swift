/// Compiles every operation of every path and collects the routes.
struct PathsCompiler {
    let references: DocumentReferences
    let problems: FacadeProblems
    let success: DocumentNode?
    let errors: ErrorsCompiler.Sources

    private(set) var routes = RouteTableBuilder()
    private(set) var operations: [CompiledOperation] = []
    /// The line of each path by its shape, and of each operation by its id: both must be unique.
    private var pathLines: [String: Int] = [:]
    private var idLines: [String: Int] = [:]

    init(
        references: DocumentReferences, problems: FacadeProblems, success: DocumentNode?, errors: ErrorsCompiler.Sources
    ) {
        self.references = references
        self.problems = problems
        self.success = success
        self.errors = errors
    }

    /// Adds the document's paths.
    mutating func add(_ paths: DocumentNode.Member?) {
        guard let paths, let members = paths.value.members else {
            problems.report(paths?.line ?? references.root.line, "expected paths with at least one path")
            return
        }
        for path in members {
            Vocabulary.pathItem.check(path.value, problems)
            guard let pattern = RoutePattern(path.name, line: path.line, problems: problems) else { continue }
            if let line = pathLines.updateValue(path.line, forKey: pattern.shape) {
                problems.report(path.line, "'\(path.name)' is the same route as the path at line \(line)")
                continue
            }
            addOperations(of: path, pattern)
        }
    }

    private mutating func addOperations(of path: DocumentNode.Member, _ pattern: RoutePattern) {
        for member in path.value.members ?? [] where Vocabulary.methods.contains(member.name) {
            let method = member.name.uppercased()
            let compiler = OperationCompiler(
                references: references, problems: problems, pattern: pattern, shared: path.value["parameters"],
                success: success, errors: errors)
            guard let operation = compiler.compile(member, fallbackID: "\(method) \(path.name)") else { continue }
            if let line = idLines.updateValue(member.line, forKey: operation.id) {
                problems.report(member.line, "the operationId '\(operation.id)' is taken at line \(line)")
            }
            routes.add(operation, method: method, pattern: pattern)
            operations.append(operation)
        }
    }
}
