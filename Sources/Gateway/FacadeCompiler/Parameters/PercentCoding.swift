/// Percent-encoded texts of paths and queries.
enum PercentCoding {
    /// Decodes leniently, as the documents' own frameworks do: a broken escape stays as it is, broken UTF-8 is repaired.
    static func decode(_ text: Substring, plusIsSpace: Bool) -> String {
        let isCoded = text.utf8.contains { $0 == percent || (plusIsSpace && $0 == plus) }
        guard isCoded else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == percent, let value = octet(rest.prefix(2)) {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == plus ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octet(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ hexDigits.contains($0) }) else { return nil }
        return UInt8(Substring(digits), radix: 16)
    }

    private static let percent = UInt8(ascii: "%")
    private static let plus = UInt8(ascii: "+")
    private static let hexDigits = Set("0123456789abcdefABCDEF".utf8)
}
