/// The escape `_xHHHH_` of ECMA-376, ST_Xstring.
enum XLSXEscape {
    /// Bytes, and UTF-16 units, of one.
    static let length = 7

    /// True if the bytes at `position` would be read back as an escape: `_x`, four hexadecimal digits, `_`.
    static func isAt(_ position: Int, in bytes: UnsafePointer<UInt8>, end: Int) -> Bool {
        guard end - position >= length,
            bytes[position] == UInt8(ascii: "_"),
            bytes[position + 1] == UInt8(ascii: "x"),
            bytes[position + 6] == UInt8(ascii: "_")
        else { return false }
        for offset in 2...5 where !isHexDigit(bytes[position + offset]) { return false }
        return true
    }

    static func write(_ unit: UInt16, to output: UnsafeMutablePointer<UInt8>) {
        output[0] = UInt8(ascii: "_")
        output[1] = UInt8(ascii: "x")
        for digit in 0..<4 {
            let value = UInt8(truncatingIfNeeded: unit >> UInt16(12 - 4 * digit)) & 0xF
            output[2 + digit] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
        }
        output[6] = UInt8(ascii: "_")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "a")...UInt8(ascii: "f"):
            true
        default: false
        }
    }
}
