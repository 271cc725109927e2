/// Finds out how far a UTF-8 sequence goes, and whether it is one.
///
/// The table is that of the Unicode standard (3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Sequence {
    /// A well-formed character of so many bytes.
    case character(Int)
    /// So many bytes that no character begins with; they are replaced by one U+FFFD together, as WHATWG and Unicode advise.
    case malformed(Int)

    /// Looks at the bytes at `start`, the first of which is ≥ 0x80.
    @inline(__always)
    init(at start: Int, in bytes: UnsafePointer<UInt8>, end: Int) {
        let lead = bytes[start]
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, lowest) = (3, 0xA0)
        case 0xED: (length, highest) = (3, 0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, lowest) = (4, 0x90)
        case 0xF4: (length, highest) = (4, 0x8F)
        case 0xF1...0xF3: length = 4
        default:
            self = .malformed(1)
            return
        }
        guard start + 1 < end, bytes[start + 1] >= lowest, bytes[start + 1] <= highest else {
            self = .malformed(1)
            return
        }
        var known = 2
        while known < length {
            guard start + known < end, bytes[start + known] & 0xC0 == 0x80 else {
                self = .malformed(known)
                return
            }
            known += 1
        }
        self = .character(length)
    }
}
