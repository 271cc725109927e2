import JSONBytes

/// Walks over octets that are not validated yet, and steps only over what it has checked.
struct EnvelopeCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// True at a closing brace that ends the text.
    var isAtLastBrace: Bool {
        position == bytes.count - 1 && bytes[position] == UInt8(ascii: "}")
    }

    /// Steps over fixed octets; stays when others stand there.
    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: count)
        for index in 0..<count where bytes[position &+ index] != expected[index] { return false }
        position &+= count
        return true
    }

    /// A whole number or a string without escapes, of at most as many octets as an id may have.
    @inline(__always)
    mutating func idToken() -> Range<Int>? {
        let start = position
        guard start < bytes.count else { return nil }
        if bytes[start] == UInt8(ascii: "\"") {
            position &+= 1
            guard plainText() != nil else { return nil }
        } else {
            while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
            let hasLeadingZero = bytes[start] == UInt8(ascii: "0") && position &- start > 1
            guard position > start, !hasLeadingZero else { return nil }
        }
        return position &- start <= RPCMessageID.bytesMax ? start..<position : nil
    }

    /// Printable ASCII up to a quote, which is stepped over; nil at anything that would need decoding.
    @inline(__always)
    mutating func plainText() -> Range<Int>? {
        let start = position
        while position < bytes.count {
            let octet = bytes[position]
            position &+= 1
            if octet == UInt8(ascii: "\"") { return start..<position &- 1 }
            guard octet >= 0x20, octet < 0x7F, octet != UInt8(ascii: "\\") else { return nil }
        }
        return nil
    }

    /// An object of limited size, validated.
    mutating func object(bytesMax: Int) -> Range<Int>? {
        let start = position
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return nil }
        let limit = min(bytes.count, start + bytesMax)
        var depth = 0
        var isInString = false
        while position < limit {
            let octet = bytes[position]
            position &+= 1
            if isInString {
                if octet == UInt8(ascii: "\\") { position &+= 1 }
                if octet == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            switch octet {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 { return validated(start..<position) }
            default: break
            }
        }
        return nil
    }

    /// Everything before the text's last brace, if it is one object or array.
    mutating func structuredRest() -> Range<Int>? {
        guard position < bytes.count - 1, bytes[bytes.count - 1] == UInt8(ascii: "}"),
            bytes[position] == UInt8(ascii: "{") || bytes[position] == UInt8(ascii: "[")
        else { return nil }
        return validated(position..<bytes.count - 1)
    }

    /// Everything before the text's last brace, if it is one value of any kind.
    mutating func rest() -> Range<Int>? {
        guard position < bytes.count - 1, bytes[bytes.count - 1] == UInt8(ascii: "}") else { return nil }
        return validated(position..<bytes.count - 1)
    }

    /// The range if it is one value without whitespace around it: a full scan would cut that off.
    private func validated(_ range: Range<Int>) -> Range<Int>? {
        let value = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let first = value.first, let last = value.last, first > 0x20, last > 0x20 else { return nil }
        // The envelope around it is one level.
        guard (try? JSONValidator.validate(value, depthMax: RequestParser.depthMax - 1)) != nil else { return nil }
        return range
    }
}
