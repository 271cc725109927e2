/// Finds the operation a request is for: segment by segment from the left, a static one first, without backtracking.
///
/// So `/tasks/export/{id}` and `/tasks/{id}/start` live together, and `export` is never taken for a task's id.
package struct RouteTable: Sendable {
    struct Node: Sendable {
        var statics: [(name: [UInt8], next: Int)] = []
        var parameter: Int?
        var operations: [(method: String, operation: CompiledOperation)] = []
        /// What `Allow` says, HEAD and OPTIONS included.
        var allow: [String] = []
    }

    private let nodes: [Node]

    init(nodes: [Node]) {
        self.nodes = nodes
    }

    /// Matches a path as it came, percent-encoded and without its query.
    ///
    /// A trailing slash means the same route. HEAD finds what GET finds; the server leaves the body out.
    package func match(method: String, path: Substring) -> RouteMatch {
        var values: [Substring] = []
        guard let node = find(path, values: &values) else { return .notFound }
        return match(method, at: nodes[node], values)
    }

    private func match(_ method: String, at node: Node, _ values: [Substring]) -> RouteMatch {
        if node.operations.isEmpty { return .notFound }
        if let found = node.operations.first(where: { $0.method == method }) {
            return .operation(found.operation, pathValues: values)
        }
        if method == "HEAD", let found = node.operations.first(where: { $0.method == "GET" }) {
            return .operation(found.operation, pathValues: values)
        }
        return method == "OPTIONS" ? .options(allow: node.allow) : .methodNotAllowed(allow: node.allow)
    }

    private func find(_ path: Substring, values: inout [Substring]) -> Int? {
        guard path.utf8.first == slash else { return nil }
        var node = 0
        var rest = path.dropFirst()
        while !rest.isEmpty {
            let segment = rest.utf8.firstIndex(of: slash).map { rest[..<$0] } ?? rest
            guard let next = step(from: nodes[node], over: segment, values: &values) else { return nil }
            node = next
            rest = rest[segment.endIndex...].dropFirst()
        }
        return node
    }

    private func step(from node: Node, over segment: Substring, values: inout [Substring]) -> Int? {
        if segment.isEmpty { return nil }
        if let next = node.statics.first(where: { $0.name.elementsEqual(segment.utf8) })?.next { return next }
        if segment.utf8.contains(UInt8(ascii: "%")) {
            let decoded = PercentCoding.decode(segment, plusIsSpace: false)
            if let next = node.statics.first(where: { $0.name.elementsEqual(decoded.utf8) })?.next { return next }
        }
        if node.parameter != nil { values.append(segment) }
        return node.parameter
    }
}

private let slash = UInt8(ascii: "/")

/// What a method and a path lead to.
package enum RouteMatch: Sendable {
    /// The path's values stand in the order of the route's braces, still percent-encoded.
    case operation(CompiledOperation, pathValues: [Substring])
    /// OPTIONS on a route that does not document it.
    case options(allow: [String])
    case methodNotAllowed(allow: [String])
    case notFound
}
