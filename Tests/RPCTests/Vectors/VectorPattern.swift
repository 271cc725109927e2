import JSONBytes

/// What a case expects of one reply, event or batch.
struct VectorPattern {
    let json: JSONValue
    /// True when the peer agreed on `meta`: a reply may then carry one.
    var allowsMeta = false

    /// True when a frame's JSON, given with its octets, is what this pattern stands for.
    func matches(_ frame: VectorFrame) -> Bool {
        guard case .plain(let octets) = frame, let found = try? JSONValue(parsing: octets) else { return false }
        if let items = json.elements {
            guard let replies = found.elements, replies.count == items.count else { return false }
            return Self.matchInAnyOrder(items, replies) { Self(json: $0, allowsMeta: allowsMeta).matches(reply: $1) }
        }
        if let token = json["id_token"]?.string, Self.idToken(of: octets) != Array(token.utf8) { return false }
        if json["method"] != nil { return Self.isWithin(found, json) && found["id"] == nil }
        return matches(reply: found)
    }

    /// Every expected thing is one of the found ones, each found one used once, none left over.
    static func matchInAnyOrder<Expected, Found>(
        _ expected: [Expected], _ found: [Found], by matches: (Expected, Found) -> Bool
    ) -> Bool {
        var left = found
        for item in expected {
            guard let index = left.firstIndex(where: { matches(item, $0) }) else { return false }
            left.remove(at: index)
        }
        return left.isEmpty
    }

    /// The members of objects that are expected are there with the expected values; others may be.
    static func isWithin(_ found: JSONValue, _ expected: JSONValue) -> Bool {
        switch (found, expected) {
        case (.object, .object(let members)):
            return members.allSatisfy { member in found[member.key].map { isWithin($0, member.value) } ?? false }
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { isWithin($0, $1) }
        default: return found == expected
        }
    }

    private func matches(reply: JSONValue) -> Bool {
        guard let members = reply.members, reply["jsonrpc"] == "2.0", let id = reply["id"] else { return false }
        let names = Set(members.map(\.key))
        let expectedNames: Set = ["jsonrpc", "id", reply["error"] == nil ? "result" : "error"]
        guard names == expectedNames || (allowsMeta && names == expectedNames.union(["meta"])) else { return false }
        if let expected = json["meta"]?.elements {
            guard expected.allSatisfy({ $0.string.flatMap { reply["meta"]?[$0] } != nil }) else { return false }
        }
        if let expected = json["id"], id != expected { return false }
        if let expected = json["error"] {
            guard let error = reply["error"], let text = error["message"]?.string, !text.isEmpty else { return false }
            return Self.isWithin(error, expected)
        }
        guard let result = reply["result"] else { return false }
        if let expected = json["result_within"] { return Self.isWithin(result, expected) }
        return json["result"].map { $0.canonicalBytes == result.canonicalBytes } ?? true
    }

    private static func idToken(of octets: [UInt8]) -> [UInt8]? {
        octets.withUnsafeBytes { bytes in
            JSONScanner.member("id", of: bytes).map { Array(JSONScanner.slice(bytes, $0)) }
        }
    }
}
