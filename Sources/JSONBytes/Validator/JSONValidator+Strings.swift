/// Inside a string: plain text fast, everything else octet by octet.
extension JSONValidator {
    /// Takes text up to the closing quote, an escape, or the end of the piece.
    @inline(__always)
    mutating func string(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(JSONSyntaxError) -> Int {
        var position = start
        while true {
            position = OctetSearch.endOfPlainText(bytes, from: position)
            position = Self.endOfThreeOctetRun(bytes, from: position)
            guard position < bytes.count else { return position }
            let octet = bytes[position]
            switch octet {
            case Octet.quote:
                state = isKey ? .colon : .commaOrEnd
                return position &+ 1
            case Octet.backslash:
                state = .escape
                return position &+ 1
            case 0x80...:
                try lead(octet, at: position)
                return position &+ 1
            case ..<Octet.space:
                throw error(.controlCharacter, at: position)
            default:
                continue  // plain again behind a run of wide characters
            }
        }
    }

    /// One octet of an escape or of a multi-octet character.
    mutating func stringOctet(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        switch state {
        case .escape: try escape(octet, at: position)
        case .hexadecimal:
            guard octet.hexadecimalValue != nil else { throw error(.invalidHexadecimal, at: position) }
            octetTaken()
        default:
            guard continuation.contains(octet) else { throw error(.invalidUTF8, at: position) }
            continuation = 0x80...0xBF
            octetTaken()
        }
    }

    private mutating func escape(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        switch octet {
        case Octet.quote, Octet.backslash, Octet.slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            state = .string
        case UInt8(ascii: "u"):
            octetsLeft = 4
            state = .hexadecimal
        default: throw error(.invalidEscape, at: position)
        }
    }

    private mutating func octetTaken() {
        octetsLeft &-= 1
        if octetsLeft == 0 { state = .string }
    }

    /// The first octet of a character beyond ASCII. Bounds of the second one by table 3-7 of the Unicode standard:
    /// they keep out overlong forms, surrogates and everything above U+10FFFF.
    private mutating func lead(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        switch octet {
        case 0xC2...0xDF: octetsLeft = 1
        case 0xE0: (octetsLeft, continuation) = (2, 0xA0...0xBF)
        case 0xED: (octetsLeft, continuation) = (2, 0x80...0x9F)
        case 0xE1...0xEF: octetsLeft = 2
        case 0xF0: (octetsLeft, continuation) = (3, 0x90...0xBF)
        case 0xF1...0xF3: octetsLeft = 3
        case 0xF4: (octetsLeft, continuation) = (3, 0x80...0x8F)
        default: throw error(.invalidUTF8, at: position)
        }
        state = .continuation
    }

    /// Skips whole characters of three octets whose second octet is unrestricted: nearly all of Chinese text.
    @inline(__always)
    private static func endOfThreeOctetRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 3 <= bytes.count {
            let lead = bytes[position]
            guard lead & 0xF0 == 0xE0, lead != 0xE0, lead != 0xED,
                bytes[position &+ 1] & 0xC0 == 0x80, bytes[position &+ 2] & 0xC0 == 0x80
            else { break }
            position &+= 3
        }
        return position
    }
}
