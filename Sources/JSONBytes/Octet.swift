/// The octets JSON gives a meaning, by the names RFC 8259 uses for them.
enum Octet {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let beginArray: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let endArray: UInt8 = 0x5D
    static let beginObject: UInt8 = 0x7B
    static let endObject: UInt8 = 0x7D
}

extension UInt8 {
    /// One of the four octets allowed between tokens.
    @inline(__always)
    var isJSONWhitespace: Bool {
        self == Octet.space || self == Octet.lineFeed || self == Octet.carriageReturn || self == Octet.tab
    }

    @inline(__always)
    var isDigit: Bool { self &- Octet.zero < 10 }

    /// The value of a hexadecimal digit, nil for anything else.
    @inline(__always)
    var hexadecimalValue: UInt32? {
        switch self {
        case 0x30...0x39: UInt32(self &- 0x30)
        case 0x41...0x46: UInt32(self &- 0x37)
        case 0x61...0x66: UInt32(self &- 0x57)
        default: nil
        }
    }
}
