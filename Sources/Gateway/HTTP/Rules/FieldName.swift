import NIOHTTP1

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
