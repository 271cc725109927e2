import Foundation

/// What Foundation says of a document, where it means the same by JSON as the standard does.
///
/// It differs on purpose: it reads other encodings as well, takes a comma before a closing bracket, and refuses escapes
/// of lone surrogates and numbers beyond a double.
enum FoundationVerdict {
    static func accepts(_ octets: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(octets), options: .fragmentsAllowed)) != nil
    }

    static func isDefined(_ octets: [UInt8]) -> Bool {
        guard let first = octets.first, first < 0x80, !octets.contains(0) else { return false }
        return !hasCommaAtEnd(octets) && !hasSurrogateEscape(octets) && !hasLongNumber(octets)
    }

    /// A comma with nothing but whitespace before the closing bracket.
    private static func hasCommaAtEnd(_ octets: [UInt8]) -> Bool {
        var isBehindComma = false
        for octet in octets {
            switch octet {
            case UInt8(ascii: ","): isBehindComma = true
            case UInt8(ascii: "]"), UInt8(ascii: "}"): if isBehindComma { return true }
            case 0x09, 0x0A, 0x0D, 0x20: break
            default: isBehindComma = false
            }
        }
        return false
    }

    private static func hasSurrogateEscape(_ octets: [UInt8]) -> Bool {
        zip(zip(octets, octets.dropFirst()), octets.dropFirst(2)).contains { pair, digit in
            pair == (UInt8(ascii: "\\"), UInt8(ascii: "u")) && digit | 0x20 == UInt8(ascii: "d")
        }
    }

    /// More digits than a double surely has room for: fifteen, or two in an exponent.
    private static func hasLongNumber(_ octets: [UInt8]) -> Bool {
        var digits = 0
        var isInExponent = false
        for octet in octets {
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                if digits > (isInExponent ? 2 : 15) { return true }
            case UInt8(ascii: "e"), UInt8(ascii: "E"): (digits, isInExponent) = (0, true)
            case UInt8(ascii: "+"), UInt8(ascii: "-"): digits = 0
            default: (digits, isInExponent) = (0, false)
            }
        }
        return false
    }
}
