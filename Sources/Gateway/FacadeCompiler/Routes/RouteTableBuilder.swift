/// Collects a document's operations into a `RouteTable`.
struct RouteTableBuilder {
    private var nodes = [RouteTable.Node()]

    /// Adds one operation; its method is not on this route yet (a YAML mapping has each name once).
    mutating func add(_ operation: CompiledOperation, method: String, pattern: RoutePattern) {
        let node = pattern.segments.reduce(0) { node, segment in child(of: node, segment) }
        nodes[node].operations.append((method, operation))
        nodes[node].allow = allow(nodes[node].operations.map(\.method))
    }

    /// The table of everything added.
    func build() -> RouteTable {
        RouteTable(nodes: nodes)
    }

    private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
        switch segment {
        case .fixed(let name):
            let bytes = Array(name.utf8)
            if let found = nodes[node].statics.first(where: { $0.name == bytes }) { return found.next }
            nodes[node].statics.append((bytes, nodes.count))
        case .parameter:
            if let found = nodes[node].parameter { return found }
            nodes[node].parameter = nodes.count
        }
        nodes.append(RouteTable.Node())
        return nodes.count - 1
    }

    private func allow(_ methods: [String]) -> [String] {
        let head = methods.contains("GET") && !methods.contains("HEAD") ? ["HEAD"] : []
        return methods + head + (methods.contains("OPTIONS") ? [] : ["OPTIONS"])
    }
}
