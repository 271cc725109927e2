import JSONBytes

/// Looks for the pairs of a query in a result's data, without decoding it.
///
/// A key is the path of a member; where the data has none of this path, any member whose path ends so. Arrays on the
/// way count as each of their elements.
struct SearchMatcher: Sendable {
    let query: SearchQuery

    func matches(_ data: [UInt8]) -> Bool {
        data.withUnsafeBytes { bytes in query.data.allSatisfy { Self.holds($0, bytes) } }
    }

    func matches(_ result: StoredResult) -> Bool {
        let metadata = result.metadata
        let holds = query.metadata.allSatisfy { pair in
            metadata.contains { name, value in
                [name] == pair.path && Array(value.utf8).withUnsafeBytes { pair.value.isIn($0) }
            }
        }
        return holds && matches(result.data)
    }

    private static func holds(_ pair: SearchQuery.Pair, _ object: UnsafeRawBufferPointer) -> Bool {
        var outcome = Outcome()
        follow(pair, from: 0, object, &outcome)
        if outcome.isThere { return outcome.holds }
        return isBelow(pair, object)
    }

    private struct Outcome {
        /// The path leads somewhere.
        var isThere = false
        var holds = false
    }

    /// Follows the path from one of its names on.
    private static func follow(
        _ pair: SearchQuery.Pair, from index: Int, _ value: UnsafeRawBufferPointer, _ outcome: inout Outcome
    ) {
        if index == pair.path.count {
            outcome.isThere = true
            outcome.holds = outcome.holds || compare(pair.value, value)
            return
        }
        switch JSONScanner.kind(of: value) {
        case .object:
            guard let member = JSONScanner.member(pair.path[index], of: value) else { return }
            follow(pair, from: index + 1, JSONScanner.slice(value, member), &outcome)
        case .array:
            JSONScanner.forEachElement(of: value) { element in
                follow(pair, from: index, JSONScanner.slice(value, element), &outcome)
                return !outcome.holds
            }
        default: return
        }
    }

    /// Whether the path holds from anywhere inside.
    private static func isBelow(_ pair: SearchQuery.Pair, _ value: UnsafeRawBufferPointer) -> Bool {
        var found = false
        func look(_ range: Range<Int>) -> Bool {
            let inner = JSONScanner.slice(value, range)
            switch JSONScanner.kind(of: inner) {
            case .object:
                var outcome = Outcome()
                follow(pair, from: 0, inner, &outcome)
                found = outcome.holds || isBelow(pair, inner)
            case .array: found = isBelow(pair, inner)
            default: break
            }
            return !found
        }
        if JSONScanner.kind(of: value) == .array {
            JSONScanner.forEachElement(of: value, look)
        } else {
            JSONScanner.forEachMember(of: value) { _, member in look(member) }
        }
        return found
    }

    private static func compare(_ wanted: SearchValue, _ value: UnsafeRawBufferPointer) -> Bool {
        switch JSONScanner.kind(of: value) {
        case .string:
            let text = UnsafeRawBufferPointer(rebasing: value[1..<max(1, value.count - 1)])
            guard text.contains(UInt8(ascii: "\\")) else { return wanted.isIn(text) }
            return Array(JSONScanner.text(text).utf8).withUnsafeBytes { wanted.isIn($0) }
        case .array:
            var found = false
            JSONScanner.forEachElement(of: value) { element in
                found = compare(wanted, JSONScanner.slice(value, element))
                return !found
            }
            return found
        case .object: return false
        default: return wanted.isEqual(to: value)
        }
    }
}
