/// Octets as lower-case hexadecimal digits.
extension Sequence<UInt8> {
    var hexadecimal: String {
        map { octet in
            let digits = String(octet, radix: 16)
            return octet < 16 ? "0\(digits)" : digits
        }.joined()
    }
}

extension [UInt8] {
    /// The octets of a text of lower-case hexadecimal digits; nil for any other text.
    init?(hexadecimal text: String) {
        let digits = text.utf8.map { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0]! << 4 | digits[$0 + 1]! }
    }
}
