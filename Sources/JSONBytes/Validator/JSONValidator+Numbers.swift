/// Inside a number.
extension JSONValidator {
    /// Takes what it can of a number; the octet behind its end is left for `between`.
    @inline(__always)
    mutating func number(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(JSONSyntaxError) -> Int {
        let octet = bytes[start]
        switch state {
        case .integer, .fraction, .exponent:
            let end = Self.endOfDigits(bytes, from: start)
            guard end < bytes.count else { return end }
            return afterDigits(bytes[end], at: end)
        case .zero:
            if octet.isDigit { throw error(.leadingZero, at: start) }
            return afterDigits(octet, at: start)
        case .minus:
            guard octet.isDigit else { throw error(.invalidNumber, at: start) }
            state = octet == Octet.zero ? .zero : .integer
        case .exponentMark where octet == Octet.plus || octet == Octet.minus:
            state = .exponentSign
        default:  // after a point, an exponent mark or its sign
            guard octet.isDigit else { throw error(.invalidNumber, at: start) }
            state = state == .point ? .fraction : .exponent
        }
        return start &+ 1
    }

    @inline(__always)
    private static func endOfDigits(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position].isDigit { position &+= 1 }
        return position
    }

    /// Decides what follows complete digits; answers where to go on.
    @inline(__always)
    private mutating func afterDigits(_ octet: UInt8, at position: Int) -> Int {
        switch octet {
        case Octet.point where state == .zero || state == .integer:
            state = .point
            return position &+ 1
        case 0x65 where state != .exponent, 0x45 where state != .exponent:  // e, E
            state = .exponentMark
            return position &+ 1
        default:
            state = .commaOrEnd
            return position
        }
    }
}
