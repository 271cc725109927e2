/// Strings as text.
extension JSONScanner {
    /// The text of a string, given with its quotes.
    public static func string(_ quoted: UnsafeRawBufferPointer) -> String {
        let value = slice(quoted, trimmed(quoted))
        guard value.count >= 2 else { return "" }
        return text(slice(value, 1..<value.count &- 1))
    }

    /// The text of what stands between the quotes of a string, such as a member's key.
    public static func text(_ inner: UnsafeRawBufferPointer) -> String {
        if OctetSearch.quoteOrBackslash(inner, from: 0) == inner.count {
            return String(decoding: inner, as: UTF8.self)
        }
        var octets: [UInt8] = []
        octets.reserveCapacity(inner.count)
        appendUnescaped(inner, to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }

    /// Appends the UTF-8 of what stands between the quotes of a string. A lone surrogate, which UTF-8 cannot hold,
    /// becomes U+FFFD.
    public static func appendUnescaped(_ inner: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var position = 0
        while position < inner.count {
            let end = OctetSearch.quoteOrBackslash(inner, from: position)
            output.append(contentsOf: slice(inner, position..<end))
            guard end &+ 1 < inner.count else { return }
            position = appendEscape(inner, at: end, to: &output)
        }
    }

    /// Calls `body` with the UTF-8 of what stands between the quotes of a string, piece by piece: a string of megabytes
    /// is never held a second time. A piece may end in the middle of a character.
    public static func forEachUnescapedPiece(
        of inner: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        let octetsMax = 64 * 1024
        var piece: [UInt8] = []
        piece.reserveCapacity(octetsMax + 8)
        var position = 0
        while position < inner.count {
            let end = OctetSearch.quoteOrBackslash(inner, from: position)
            while position < end {
                let taken = min(end, position &+ octetsMax &- piece.count)
                piece.append(contentsOf: slice(inner, position..<taken))
                position = taken
                if piece.count >= octetsMax { try flush() }
            }
            guard end &+ 1 < inner.count else { break }
            position = appendEscape(inner, at: end, to: &piece)
            if piece.count >= octetsMax { try flush() }
        }
        if !piece.isEmpty { try flush() }

        func flush() throws {
            try piece.withUnsafeBytes { try body($0) }
            piece.removeAll(keepingCapacity: true)
        }
    }

    /// True when a string's inner octets, escapes undone, are the UTF-8 of `text`.
    public static func isEqual(_ inner: UnsafeRawBufferPointer, to text: String) -> Bool {
        if OctetSearch.quoteOrBackslash(inner, from: 0) == inner.count {
            return inner.count == text.utf8.count && inner.elementsEqual(text.utf8)
        }
        var octets: [UInt8] = []
        appendUnescaped(inner, to: &octets)
        return octets.elementsEqual(text.utf8)
    }

    /// Undoes the escape whose backslash is at `start`; answers the position behind it.
    private static func appendEscape(
        _ inner: UnsafeRawBufferPointer, at start: Int, to output: inout [UInt8]
    ) -> Int {
        switch inner[start &+ 1] {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(Octet.lineFeed)
        case UInt8(ascii: "r"): output.append(Octet.carriageReturn)
        case UInt8(ascii: "t"): output.append(Octet.tab)
        case UInt8(ascii: "u"): return appendHexadecimalEscape(inner, at: start, to: &output)
        case let itself: output.append(itself)
        }
        return start &+ 2
    }

    /// Undoes `\uXXXX`, or two of them that form a surrogate pair.
    private static func appendHexadecimalEscape(
        _ inner: UnsafeRawBufferPointer, at start: Int, to output: inout [UInt8]
    ) -> Int {
        guard let unit = codeUnit(inner, at: start) else { return inner.count }
        if unit & 0xFC00 == 0xD800, let low = codeUnit(inner, at: start &+ 6), low & 0xFC00 == 0xDC00 {
            append(scalar: 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF, to: &output)
            return start &+ 12
        }
        append(scalar: unit, to: &output)
        return start &+ 6
    }

    /// The UTF-16 code unit written as `\uXXXX` at `start`, nil when there is none.
    private static func codeUnit(_ inner: UnsafeRawBufferPointer, at start: Int) -> UInt32? {
        guard start &+ 6 <= inner.count, inner[start] == Octet.backslash, inner[start &+ 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for position in start &+ 2..<start &+ 6 {
            guard let digit = inner[position].hexadecimalValue else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    private static func append(scalar value: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}")!)
    }
}
