import JSONBytes

/// Makes a segment of the index: for every path of some results, the terms found there and the rows that hold them.
///
/// A path is a member's names from the outside inwards; arrays on the way count as each of their elements, as
/// `SearchMatcher` has it.
struct SegmentBuilder {
    /// Octets of data of one segment: what its making takes in memory is some times as much.
    static let octetsMax = 32 << 20
    /// Paths of one segment; rows with others are looked at themselves.
    static let fieldsMax = 4_000
    /// In front of numbers, booleans and null, which no text begins with.
    static let literalMark: UInt8 = 1

    private struct Node {
        let key: [UInt8]
        let path: String
        var children: [Int] = []
        /// The last object that had it: twice in one is ambiguous.
        var lastObject = -1
        var terms = TermTable()
        var present = RowSet()
    }

    private var nodes = [Node(key: [], path: "")]
    private var objects = 0
    private var folded: [UInt8] = []
    private(set) var ids: [Int64] = []
    private(set) var octets = 0
    /// Rows that no index tells the truth about.
    private(set) var loose = RowSet()

    var isFull: Bool { ids.count == RowSet.rowsMax || octets >= Self.octetsMax }

    /// Adds a result.
    mutating func add(_ id: Int64, _ data: [UInt8]) {
        let row = ids.count
        ids.append(id)
        octets += data.count
        data.withUnsafeBytes { object($0, under: 0, row) }
    }

    /// Calls `body` with each path, the rows that have it, and its terms.
    func forEachField(_ body: (_ path: String, RowSet, TermTable) -> Void) {
        for node in nodes.dropFirst() { body(node.path, node.present, node.terms) }
    }

    private mutating func object(_ object: UnsafeRawBufferPointer, under parent: Int, _ row: Int) {
        let number = objects
        objects += 1
        var position = 0
        JSONScanner.forEachMember(of: object) { key, value in
            let name = JSONScanner.slice(object, key)
            guard let node = child(of: parent, name, hint: position), nodes[node].lastObject != number else {
                loose.insert(row)
                return true
            }
            position += 1
            nodes[node].lastObject = number
            nodes[node].present.insert(row)
            self.value(JSONScanner.slice(object, value), of: node, row)
            return true
        }
    }

    private mutating func value(_ value: UnsafeRawBufferPointer, of node: Int, _ row: Int) {
        switch JSONScanner.kind(of: value) {
        case .object: object(value, under: node, row)
        case .array:
            JSONScanner.forEachElement(of: value) { element in
                self.value(JSONScanner.slice(value, element), of: node, row)
                return true
            }
        case .string: text(UnsafeRawBufferPointer(rebasing: value[1..<max(1, value.count - 1)]), of: node, row)
        case .number, .true, .false, .null:
            folded.removeAll(keepingCapacity: true)
            folded.append(Self.literalMark)
            CaseFolding.append(value, to: &folded)
            folded.withUnsafeBytes { nodes[node].terms.add($0, row: row) }
        }
    }

    private mutating func text(_ text: UnsafeRawBufferPointer, of node: Int, _ row: Int) {
        folded.removeAll(keepingCapacity: true)
        if text.contains(UInt8(ascii: "\\")) {
            var plain: [UInt8] = []
            JSONScanner.appendUnescaped(text, to: &plain)
            plain.withUnsafeBytes { CaseFolding.append($0, to: &folded) }
        } else {
            CaseFolding.append(text, to: &folded)
        }
        folded.withUnsafeBytes { octets in
            SearchTerms.forEachTerm(of: octets) { nodes[node].terms.add($0, row: row) }
        }
    }

    /// Members mostly come in the order they came in before. Nil for a name that a query cannot spell, or too many.
    private mutating func child(of parent: Int, _ name: UnsafeRawBufferPointer, hint: Int) -> Int? {
        let children = nodes[parent].children
        if hint < children.count, nodes[children[hint]].key.elementsEqual(name) { return children[hint] }
        if let known = children.first(where: { nodes[$0].key.elementsEqual(name) }) { return known }
        let isPlain = !name.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "\\") }
        guard isPlain, nodes.count <= Self.fieldsMax else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        nodes.append(Node(key: Array(name), path: parent == 0 ? text : "\(nodes[parent].path).\(text)"))
        nodes[parent].children.append(nodes.count - 1)
        return nodes.count - 1
    }
}
