import JSONBytes

/// The columns of a table of results: paths of members, in the order in which they were first seen. Objects are gone
/// into, arrays are values.
struct FlatColumns {
    private struct Node {
        var key: [UInt8]
        /// The column, unless only objects were seen here.
        var column: Int?
        var children: [Int] = []
    }

    /// The first node stands for the data itself.
    private var nodes = [Node(key: [], children: [])]
    /// The dotted paths, beginning with `data`.
    private(set) var names: [String] = []

    /// Sees to it that every value of an object has a column.
    mutating func learn(_ object: UnsafeRawBufferPointer) { learn(object, under: 0, "data") }

    private mutating func learn(_ object: UnsafeRawBufferPointer, under parent: Int, _ path: @autoclosure () -> String)
    {
        var position = 0
        JSONScanner.forEachMember(of: object) { key, value in
            let name = JSONScanner.slice(object, key)
            let node = child(of: parent, name, hint: position) ?? add(name, under: parent)
            position += 1
            let inner = JSONScanner.slice(object, value)
            func here() -> String { "\(path()).\(JSONScanner.text(name))" }
            if Self.isTable(inner) {
                learn(inner, under: node, here())
            } else if nodes[node].column == nil {
                nodes[node].column = names.count
                names.append(here())
            }
            return true
        }
    }

    /// Calls `body` with the column and the value of each member that has one.
    func read(_ object: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) -> Void) {
        read(object, under: 0, body)
    }

    private func read(
        _ object: UnsafeRawBufferPointer, under parent: Int, _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        var position = 0
        JSONScanner.forEachMember(of: object) { key, value in
            if let node = child(of: parent, JSONScanner.slice(object, key), hint: position) {
                let inner = JSONScanner.slice(object, value)
                if Self.isTable(inner) {
                    read(inner, under: node, body)
                } else if let column = nodes[node].column {
                    body(column, inner)
                }
            }
            position += 1
            return true
        }
    }

    /// An object with members; an empty one is a value.
    private static func isTable(_ value: UnsafeRawBufferPointer) -> Bool {
        JSONScanner.kind(of: value) == .object && value.contains(UInt8(ascii: ":"))
    }

    /// Members mostly come in the order they came in before, so their place is looked at first.
    private func child(of parent: Int, _ name: UnsafeRawBufferPointer, hint: Int) -> Int? {
        let children = nodes[parent].children
        if hint < children.count, nodes[children[hint]].key.elementsEqual(name) { return children[hint] }
        return children.first { nodes[$0].key.elementsEqual(name) }
    }

    private mutating func add(_ name: UnsafeRawBufferPointer, under parent: Int) -> Int {
        nodes.append(Node(key: Array(name)))
        nodes[parent].children.append(nodes.count - 1)
        return nodes.count - 1
    }
}
