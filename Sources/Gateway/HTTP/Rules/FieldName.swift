import NIOHTTP1

/// What the name of a header field may be.
package enum HTTPFieldName {
    /// Whether it is a token of RFC 9110: one that is not could begin a field of somebody else's choice.
    package static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }
}

extension String {
    /// Whether this is `other`, ASCII letters of any case; `other` is written in lower case.
    func isField(_ other: StaticString) -> Bool {
        let count = other.utf8CodeUnitCount
        guard utf8.count == count else { return false }
        let wanted = other.utf8Start
        var index = 0
        for octet in utf8 {
            let lowered = octet &- UInt8(ascii: "A") < 26 ? octet | 0x20 : octet
            guard lowered == wanted[index] else { return false }
            index += 1
        }
        return true
    }
}

extension HTTPHeaders {
    /// The first field of a name given in lower case, compared without making new strings.
    func firstField(_ name: StaticString) -> String? {
        for (field, value) in self where field.isField(name) { return value }
        return nil
    }
}
